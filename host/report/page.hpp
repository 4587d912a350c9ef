// The frame of an HTML report: one file that needs nothing else, not even a network.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace phigrad {

/// What a page is made of. Texts are escaped here; what is called html is not.
struct Page {
  std::string title;
  std::string lead;                       // a sentence below the title; empty for none
  std::string html_before, figures_html;  // sections; figures
  std::string html_after;                 // sections
  /// What the page's script draws: {"paths": […], "curves": […]}.
  nlohmann::ordered_json drawn = {{"paths", nlohmann::ordered_json::array()},
                                  {"curves", nlohmann::ordered_json::array()}};
};

std::string page_html(const Page& page);

/// A section with a heading and definitions, name and value; "" without any. Those whose `code` is
/// set are commands.
struct Fact {
  std::string name, value;
  bool code = false;
};
std::string facts_section(const std::string& heading, const std::vector<Fact>& facts);

/// A section with a config, folded; "" without one. `what`: "Every setting of this run, …".
std::string config_section(const std::string& config, const std::string& what);

}  // namespace phigrad
