// Text and numbers as HTML and JSON want them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace phigrad {

/// `text` for use between tags or inside a quoted attribute.
std::string escape_html(std::string_view text);

/// Four significant digits; an en dash for what is not finite.
std::string short_number(double value);

/// A mean and its standard deviation: the deviation to two significant digits, the mean to the same
/// decimals.
std::pair<std::string, std::string> measured_number(double mean, double deviation);

/// A change in percent with its sign, to one decimal while that is readable.
std::string signed_percent(double percent);

/// Seven significant digits, plenty for drawing; null for what is not finite.
nlohmann::ordered_json plot_numbers(const std::vector<double>& values);

/// JSON that cannot end the <script> element it stands in: ASCII only, without "<".
std::string json_for_script(const nlohmann::ordered_json& json);

}  // namespace phigrad
