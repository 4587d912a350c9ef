#include "host/report/page.hpp"

#include "host/report/markup.hpp"
#include "host/report/page_assets.hpp"

namespace phigrad {
namespace {

std::string header(const Page& page) {
  std::string html =
      "<header><p class=\"eyebrow\">phigrad report</p><h1>" + escape_html(page.title) + "</h1>";
  if (!page.lead.empty()) html += "<p class=\"verdict\">" + escape_html(page.lead) + "</p>";
  return html + "</header>";
}

std::string scripts(const nlohmann::ordered_json& drawn) {
  std::string html =
      "<script type=\"application/json\" id=\"data\">" + json_for_script(drawn) + "</script>\n";
  if (chart_js().empty()) return html;
  html += "<script>\n/*\n" + std::string(chart_js_licence) + "*/\n";
  html += std::string(chart_js()) + "\n</script>\n<script>";
  return html + std::string(page_script) + "</script>\n";
}

std::string missing_charts_note() {
  const auto note = [](const std::string& reason) {
    return "<style>.plot, .scale { display: none; }</style><p class=\"note\">" + reason +
           ": the figures are left out. Their numbers are in the tables.</p>";
  };
  if (chart_js().empty())
    return note("This phigrad was built without Chart.js (Debian: libjs-chart.js)");
  return "<noscript>" + note("JavaScript is off") + "</noscript>";
}

}  // namespace

std::string facts_section(const std::string& heading, const std::vector<Fact>& facts) {
  if (facts.empty()) return "";
  std::string list;
  for (const Fact& f : facts) {
    const std::string value = escape_html(f.value);
    list += "<dt>" + escape_html(f.name) + "</dt><dd>" +
            (f.code ? "<code>" + value + "</code>" : value) + "</dd>";
  }
  return "<section class=\"card\"><h2>" + escape_html(heading) + "</h2><dl>" + list +
         "</dl></section>";
}

std::string config_section(const std::string& config, const std::string& what) {
  if (config.empty()) return "";
  return "<section class=\"card config\"><h2>Configuration</h2><details><summary>" +
         escape_html(what) + "</summary><pre>" + escape_html(config) + "</pre></details></section>";
}

std::string page_html(const Page& page) {
  // The policy forbids every load: the page cannot reach out even if a text slipped through.
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
         "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>" +
         escape_html(page.title) + "</title>\n<style>" + std::string(page_style) +
         "</style>\n</head>\n<body>\n<main>" + header(page) + page.html_before +
         (page.figures_html.empty() ? "" : missing_charts_note()) + "<section class=\"grid\">" +
         page.figures_html + "</section>" + page.html_after + "<footer>Made by phigrad." +
         (chart_js().empty() ? "" : " Charts: Chart.js, MIT License, its text in this file.") +
         "</footer></main>\n" + scripts(page.drawn) + "</body>\n</html>\n";
}

}  // namespace phigrad
