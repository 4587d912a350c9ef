# cmake -D source= -D output= -D version= -D compiler= -D flags= -D cuda= -P write_build_info.cmake

# A tarball may lie inside somebody else's repository: only a repository whose top is ours counts.
set(commit unknown)
execute_process(COMMAND git -C ${source} rev-parse --show-toplevel
                OUTPUT_VARIABLE top OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
file(REAL_PATH ${source} source)
if(top STREQUAL source)
  execute_process(COMMAND git -C ${source} describe --always --dirty --abbrev=12
                  OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(described)
    set(commit ${described})
  endif()
endif()

file(CONFIGURE OUTPUT ${output} @ONLY CONTENT [[
// Generated at each build.
#include "host/support/build_info.hpp"

namespace phigrad {

const BuildInfo& build_info() {
  static constexpr BuildInfo info{"@version@", "@commit@", "@compiler@", "@flags@", "@cuda@"};
  return info;
}

}  // namespace phigrad
]])
