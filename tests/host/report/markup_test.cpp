#include "host/report/markup.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/special_values.hpp"

namespace phigrad {
namespace {

// Breaks if a character that means something to HTML, in text or in attributes, gets through.
TEST(Markup, EscapesEverythingThatHtmlReads) {
  EXPECT_EQ(escape_html("a<b>&\"c'</script>"), "a&lt;b&gt;&amp;&quot;c&#39;&lt;/script&gt;");
  EXPECT_EQ(escape_html("α̂ = 0.98 — &amp;"), "α̂ = 0.98 — &amp;amp;");
  EXPECT_EQ(escape_html(""), "");
}

// Breaks if numbers in tables are rounded to too little, or "nan" is shown.
TEST(Markup, ShortNumbers) {
  EXPECT_EQ(short_number(136.84), "136.8");
  EXPECT_EQ(short_number(-0.000123456), "−0.0001235");
  EXPECT_EQ(short_number(1.5e-7), "1.5e−07");
  EXPECT_EQ(short_number(0), "0");
  EXPECT_EQ(short_number(nan), "–");
  EXPECT_EQ(short_number(-inf), "–");
}

// Breaks if a mean shows other decimals than its deviation, or an extreme one fills the page.
TEST(Markup, MeasuredNumbersShareTheirDecimals) {
  using Pair = std::pair<std::string, std::string>;
  EXPECT_EQ(measured_number(136.84, 1.02), Pair("136.8", "1.0"));
  EXPECT_EQ(measured_number(0.10312, 0.0122), Pair("0.103", "0.012"));
  EXPECT_EQ(measured_number(-3912.4, 88.2), Pair("−3912", "88"));
  EXPECT_EQ(measured_number(3912.4, 881.2), Pair("3912", "881"));
  EXPECT_EQ(measured_number(5, 0), Pair("5", "0"));
  EXPECT_EQ(measured_number(nan, nan), Pair("–", "–"));
  EXPECT_EQ(measured_number(2, inf), Pair("2", "–"));
  EXPECT_EQ(measured_number(1e30, 10), Pair("1e+30", "10"));
  EXPECT_EQ(measured_number(1, 1e-30), Pair("1", "1e−30"));
}

// Breaks if a change loses its sign.
TEST(Markup, PercentHasASign) {
  EXPECT_EQ(signed_percent(-61.63), "−61.6\u202f%");
  EXPECT_EQ(signed_percent(12), "+12.0\u202f%");
  EXPECT_EQ(signed_percent(1.234e9), "+1.23e+09\u202f%");
}

// Breaks if a value that JSON has no word for reaches the page, or digits that can be seen are
// lost.
TEST(Markup, PlotNumbersAreNullWhereNotFinite) {
  const auto json = plot_numbers({1.23456789012, nan, inf, -inf, -1e-300, 0});
  EXPECT_EQ(json.dump(), "[1.234568,null,null,null,-1e-300,0.0]");
  EXPECT_TRUE(json[1].is_null() && json[2].is_null() && json[3].is_null());
  EXPECT_EQ(plot_numbers({}).dump(), "[]");
}

// Breaks if a text could end the script element, or if invalid UTF-8 makes the dump throw.
TEST(Markup, JsonForScriptCannotEndTheScript) {
  const nlohmann::ordered_json json = {
      {"a", "</script><!--<script> \u2028 \" \\ '"}, {"<b", "\xff\xfe"}, {"c", 1.5}};
  const std::string text = json_for_script(json);
  EXPECT_EQ(text.find('<'), std::string::npos) << text;
  for (const char c : text) EXPECT_TRUE(c >= ' ' && c <= '~') << static_cast<int>(c);
  const auto read = nlohmann::json::parse(text);
  EXPECT_EQ(read["a"], json["a"].get<std::string>());
  EXPECT_EQ(read["<b"], "\ufffd\ufffd");
}

}  // namespace
}  // namespace phigrad
