#include "host/report/markup.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace phigrad {
namespace {

std::string printed(const char* format, double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

// The minus sign of typography in place of the hyphen.
std::string with_minus_signs(const std::string& number) {
  std::string result;
  for (const char c : number) {
    if (c == '-')
      result += "−";
    else
      result += c;
  }
  return result;
}

std::string fixed(double value, int decimals) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return with_minus_signs(text.data());
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string short_number(double value) {
  return std::isfinite(value) ? with_minus_signs(printed("%.4g", value)) : "–";
}

std::pair<std::string, std::string> measured_number(double mean, double deviation) {
  const double digits = 1 - std::floor(std::log10(deviation));  // after the point
  // Outside these bounds a fixed number of decimals is unreadable, or there is none.
  const bool plain = std::isfinite(mean) && digits >= -4 && digits <= 6 && std::abs(mean) < 1e6;
  if (!plain) return {short_number(mean), short_number(deviation)};
  const int decimals = std::max(0, static_cast<int>(digits));
  return {fixed(mean, decimals), fixed(deviation, decimals)};
}

std::string signed_percent(double percent) {
  return with_minus_signs(printed(std::abs(percent) < 1e4 ? "%+.1f" : "%+.3g", percent)) +
         "\u202f%";
}

nlohmann::ordered_json plot_numbers(const std::vector<double>& values) {
  nlohmann::ordered_json result = nlohmann::ordered_json::array();
  for (const double value : values) {
    if (std::isfinite(value))
      result.push_back(std::strtod(printed("%.7g", value).c_str(), nullptr));
    else
      result.push_back(nullptr);
  }
  return result;
}

std::string json_for_script(const nlohmann::ordered_json& json) {
  constexpr bool ascii = true;
  std::string text = json.dump(-1, ' ', ascii, nlohmann::ordered_json::error_handler_t::replace);
  for (std::size_t at = 0; (at = text.find('<', at)) != std::string::npos;)
    text.replace(at, 1, "\\u003c");  // outside strings JSON has no "<"
  return text;
}

}  // namespace phigrad
