// The fixed parts of report.html.
#pragma once

#include <string_view>

namespace phigrad {

extern const std::string_view page_style;   // CSS
extern const std::string_view page_script;  // JavaScript, draws what the page's data block holds

/// Chart.js as it is installed where phigrad is built; empty where it was not found.
std::string_view chart_js();

/// The licence under which Chart.js is passed on, as its terms demand.
extern const std::string_view chart_js_licence;

}  // namespace phigrad
