#include "host/report/report.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "host/report/page_assets.hpp"
#include "host/support/error.hpp"
#include "tests/host/report/occurrences.hpp"
#include "tests/support/special_values.hpp"
#include "tests/support/temporary_directory.hpp"

namespace phigrad {
namespace {

namespace fs = std::filesystem;

const std::string hostile = "</script></title></pre><b onload=\"x\" id='y'>&amp;";

ReportData data_with(const std::string& text) {
  ReportData data;
  data.title = "title " + text;
  data.verdict_line = "verdict " + text;
  data.facts = {{"fact " + text, "value " + text}};
  data.changes = {{"quantity " + text, "unit " + text, 136.84, 1.02, 9.61, 1.31, 64}};
  data.cost = {{"cost a " + text, {100, 10}, {90, 9}, {110, 11}, 64},
               {"cost b " + text, {100, 20}, {90, 19}, {110, 21}, 64}};
  data.path_error = {{"path error " + text, {0.3, 0.1}, {}, {}, 64}};
  data.gradient_norm = {{"gradient norm " + text, {4000, nan}, {}, {}, 64}};
  data.band = "band " + text;
  data.task = {"task " + text, {0, 1}, {2, 3}};
  data.driven = {{"before " + text, {4, 5}, {6, 7}}, {"after " + text, {8, 9}, {1, 2}}};
  data.config_json = "{ \"config\": \"" + text + "\" }";
  data.how_to_resume = "resume " + text;
  data.how_to_view = "view " + text;
  return data;
}

// The page less Chart.js, which is not ours to check.
std::string own_part(std::string html) {
  const std::size_t at = html.find(chart_js());
  if (at != std::string::npos) html.erase(at, chart_js().size());
  return html;
}

nlohmann::json data_block(const std::string& html) {
  const std::string open = "<script type=\"application/json\" id=\"data\">";
  const std::size_t begin = html.find(open) + open.size();
  return nlohmann::json::parse(html.substr(begin, html.find("</script>", begin) - begin));
}

// The position behind the ">" that ends the tag at `begin`, past quoted attributes.
std::size_t end_of_tag(const std::string& html, std::size_t begin) {
  bool quoted = false;
  for (std::size_t at = begin; at < html.size(); ++at) {
    if (html[at] == '"') quoted = !quoted;
    if (html[at] == '>' && !quoted) return at + 1;
  }
  return html.size();
}

// The first tag that closes nothing or is never closed; empty if every one has its partner.
std::string unbalanced_tag(const std::string& html) {
  std::vector<std::string> open;
  for (std::size_t at = 0; (at = html.find('<', at)) != std::string::npos;) {
    const bool closing = html[at + 1] == '/';
    const std::size_t begin = at + (closing ? 2 : 1);
    const std::string name = html.substr(begin, html.find_first_of(" >", begin) - begin);
    at = end_of_tag(html, at);
    if (name == "meta" || name == "!DOCTYPE") continue;
    if (closing) {
      if (open.empty() || open.back() != name) return "</" + name + ">";
      open.pop_back();
    } else {
      open.push_back(name);
      if (name == "script" || name == "style") at = html.find("</" + name + ">", at);
    }
  }
  return open.empty() ? "" : "<" + open.back() + ">";
}

class ReportFile : public ::testing::Test {
 protected:
  static std::string read(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
  }
  const TemporaryDirectory own;
  const fs::path folder = own.path();
};

// Breaks if a text from a config, a robot or a log becomes markup or script in any place.
TEST(Report, TextsStayTexts) {
  const std::string html = own_part(report_html(data_with(hostile)));
  EXPECT_EQ(html.find(hostile), std::string::npos);
  EXPECT_EQ(html.find("<b "), std::string::npos);
  EXPECT_EQ(html.find("</script></title>"), std::string::npos);
  EXPECT_EQ(occurrences(html, "<script"), occurrences(html, "</script>"));
  EXPECT_EQ(occurrences(html, "</title>"), 1);
  EXPECT_EQ(occurrences(html, "</pre>"), 1);
  EXPECT_EQ(unbalanced_tag(html), "");
  const std::string escaped =
      "&lt;/script&gt;&lt;/title&gt;&lt;/pre&gt;&lt;b onload=&quot;x&quot; "
      "id=&#39;y&#39;&gt;&amp;amp;";
  for (const char* place :
       {"<title>title ", "<h1>title ", "verdict ", "fact ", "value ", "quantity ", "(unit ",
        "cost a ", "cost b ", "task ", "before ", "after ", "the band band ",
        "&quot;config&quot;: &quot;", "<code>resume ", "<code>view "})
    EXPECT_NE(html.find(place + escaped), std::string::npos) << place;
}

// Breaks if the data block is no JSON, loses a text, or has a number that is none.
TEST(Report, TheDataBlockParsesAndHoldsEverything) {
  const auto data = data_block(report_html(data_with(hostile)));
  ASSERT_EQ(data["curves"].size(), 3U);
  EXPECT_EQ(data["curves"][0]["series"][1]["name"], "cost b " + hostile);
  EXPECT_EQ(data["curves"][0]["series"][1]["mean"], (std::vector<double>{100, 20}));
  EXPECT_TRUE(data["curves"][2]["series"][0]["mean"][1].is_null());
  EXPECT_EQ(data["paths"][0]["paths"][2]["name"], "after " + hostile);
  EXPECT_EQ(data["paths"][0]["paths"][2]["x"], (std::vector<double>{8, 9}));
  for (const auto& curve : data["curves"])  // the script finds its figures by these
    EXPECT_EQ(occurrences(report_html(data_with("")),
                          "<figure id=\"" + curve["id"].get<std::string>() + "\""),
              1);
}

// Breaks if the page needs anything that is not in it.
TEST(Report, LoadsNothing) {
  const std::string html = own_part(report_html(data_with("plain")));
  for (const char* load : {"http:", "https:", "src=", "href=", "url(", "@import", "<link", "<img",
                           "<iframe", "fetch(", "XMLHttpRequest", "import("})
    EXPECT_EQ(html.find(load), std::string::npos) << load;
  EXPECT_NE(html.find("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"),
            std::string::npos);
}

// Breaks if Chart.js is not in the page, was cut, or goes without the licence its terms demand.
TEST(Report, ChartJsIsInsideWithItsLicence) {
  if (chart_js().empty()) GTEST_SKIP() << "built without Chart.js (libjs-chart.js)";
  const std::string html = report_html(data_with("plain"));
  EXPECT_EQ(occurrences(html, std::string(chart_js())), 1);
  EXPECT_NE(chart_js().find("Chart.js v3."), std::string_view::npos);
  EXPECT_NE(chart_js().substr(chart_js().size() - 40).find('}'), std::string_view::npos);
  EXPECT_EQ(chart_js().find("</script"), std::string_view::npos);
  EXPECT_EQ(chart_js().find("<!--"), std::string_view::npos);
  EXPECT_NE(html.find("Permission is hereby granted, free of charge"), std::string::npos);
  EXPECT_NE(html.find("Chart.js Contributors"), std::string::npos);
}

// Breaks if what the run has not got appears as an empty frame, or its absence breaks the page.
TEST(Report, LeavesOutWhatIsNotThere) {
  ReportData data;
  data.title = "bare";
  std::string html = report_html(data);
  EXPECT_EQ(unbalanced_tag(html), "");
  for (const char* part : {"<figure", "<table", "<dl>", "<pre>", "class=\"verdict\"", "<noscript>"})
    EXPECT_EQ(html.find(part), std::string::npos) << part;
  EXPECT_TRUE(data_block(html)["paths"].empty());
  EXPECT_TRUE(data_block(html)["curves"].empty());

  data.cost = {{"c", {3}, {}, {}, 1}};
  data.path_error = {{"p", {nan}, {}, {}, 1}};
  data.driven = {{"d", {nan, 1}, {1, nan}}};
  html = report_html(data);
  EXPECT_EQ(occurrences(html, "<figure"), 1);
  EXPECT_NE(html.find("<figure id=\"cost\""), std::string::npos);
  EXPECT_EQ(unbalanced_tag(html), "");
}

// Breaks if the table of results shows other numbers than it was given.
TEST(Report, TheResultIsATable) {
  const std::string html = report_html(data_with("x"));
  EXPECT_NE(
      html.find("<th scope=\"row\">quantity x (unit x)</th><td>136.8 <small>± 1.0</small></td>"
                "<td>9.6 <small>± 1.3</small></td><td>−93.0\u202f%</td><td>64</td>"),
      std::string::npos);
  ReportData one = data_with("x");
  one.changes = {{"q", "", 0, 5, 2, nan, 1}};
  EXPECT_NE(report_html(one).find("<td>0</td><td>2</td><td>–</td><td>1</td>"), std::string::npos)
      << "one seed has no deviation, and zero no change in percent";
}

// Breaks if readers without script or colour sight get nothing: the numbers must be text as well.
TEST(Report, NumbersAreThereAsText) {
  const std::string html = report_html(data_with("x"));
  EXPECT_NE(html.find("<tr><td>1</td><td>10 <small>(9 to 11)</small></td><td>20 <small>(19 to 21)"),
            std::string::npos);
  EXPECT_EQ(occurrences(html, "role=\"img\" aria-label="), 4);
  EXPECT_NE(html.find(chart_js().empty() ? "built without Chart.js" : "<noscript>"),
            std::string::npos);
}

// Breaks if arrays of different lengths are drawn against each other.
TEST(Report, LengthsMustAgree) {
  const auto refused = [](void (*spoil)(ReportData&)) {
    ReportData data = data_with("x");
    spoil(data);
    EXPECT_THROW(report_html(data), std::invalid_argument);
  };
  refused([](ReportData& d) { d.cost[1].mean.push_back(1); });
  refused([](ReportData& d) { d.cost[0].low.pop_back(); });
  refused([](ReportData& d) { d.cost[0].high.clear(); });
  refused([](ReportData& d) { d.task.x.pop_back(); });
  refused([](ReportData& d) { d.driven[1].y.push_back(0); });
}

// Breaks if the file is not the page, or an old report is lost when the new one cannot be written.
TEST_F(ReportFile, IsWrittenWholeOrNotAtAll) {
  const fs::path file = folder / "report.html";
  write_report(file, data_with("one"));
  EXPECT_EQ(read(file), report_html(data_with("one")));
  std::ifstream reader(file);
  write_report(file, data_with("two"));
  std::ostringstream seen;
  seen << reader.rdbuf();
  EXPECT_EQ(seen.str(), report_html(data_with("one"))) << "an open report changed under its reader";
  EXPECT_EQ(read(file), report_html(data_with("two")));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1);
  try {
    write_report(folder / "missing" / "report.html", data_with("x"));
    FAIL() << "no Error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::input);
  }
}

}  // namespace
}  // namespace phigrad
