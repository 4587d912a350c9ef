#include <cstddef>

#include "host/report/page_assets.hpp"

#ifdef PHIGRAD_CHART_JS_PATH

// The assembler copies the file: a string literal of this size is beyond what compilers promise.
asm(R"(
  .pushsection .rodata
  .global phigrad_chart_js_begin
  .global phigrad_chart_js_end
phigrad_chart_js_begin:
  .incbin ")" PHIGRAD_CHART_JS_PATH R"("
phigrad_chart_js_end:
  .byte 0
  .popsection
)");

extern "C" const char phigrad_chart_js_begin[];
extern "C" const char phigrad_chart_js_end[];

namespace phigrad {

std::string_view chart_js() {
  return {phigrad_chart_js_begin,
          static_cast<std::size_t>(phigrad_chart_js_end - phigrad_chart_js_begin)};
}

}  // namespace phigrad

#else

namespace phigrad {

std::string_view chart_js() { return {}; }

}  // namespace phigrad

#endif

namespace phigrad {

const std::string_view chart_js_licence = R"(Chart.js, (c) 2014-2022 Chart.js Contributors;
contains @kurkle/color, (c) Jukka Kurkela. Both under the MIT License:

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
)";

}  // namespace phigrad
