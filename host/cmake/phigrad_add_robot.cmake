# phigrad_add_robot(<target> NAME <name> CLASS <class> HEADER <header> [SOURCES <file>...]
#                   [PRECISIONS <float|double>...] [BASE <name>])
#
# Adds a robot to <target>, an executable or an OBJECT library: its sources, its kernels compiled for
# each precision and each of PHIGRAD_CPU_FLAVOURS (and for CUDA where phigrad was built with it), and
# a unit that registers them, so that `"robot": "<name>"` in a config finds them.
#   NAME     as configs call it: a C identifier in lower case
#   CLASS    the robot's bundle, as seen from inside namespace phigrad
#   HEADER   defines CLASS; relative to the calling folder or to a folder <target> includes
#   SOURCES  g++ only, from_json for instance
#   BASE     another robot of <target>, which this one is but for its plant or its model: only the
#            kernels of those are compiled. CLASS then names that one's bundle `Base`
# Needs find_package(phigrad) outside phigrad's own tree.

set(PHIGRAD_STUB_DIR ${CMAKE_CURRENT_LIST_DIR})

function(phigrad_add_robot target)
  cmake_parse_arguments(PARSE_ARGV 1 robot "" "NAME;CLASS;HEADER;BASE" "SOURCES;PRECISIONS")
  if(robot_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "unknown argument '${robot_UNPARSED_ARGUMENTS}' [phigrad_add_robot(${target})]; use NAME, CLASS, HEADER, SOURCES, PRECISIONS, BASE")
  endif()
  foreach(needed NAME CLASS HEADER)
    if(NOT robot_${needed})
      message(FATAL_ERROR "${needed} is missing [phigrad_add_robot(${target})]; say phigrad_add_robot(${target} NAME car CLASS Car HEADER car.hpp)")
    endif()
  endforeach()
  if(NOT robot_NAME MATCHES "^[a-z][a-z0-9_]*$")
    message(FATAL_ERROR "'${robot_NAME}' is no robot name [phigrad_add_robot(${target})]; use lower-case letters, digits and _")
  endif()
  if(NOT robot_PRECISIONS)
    set(robot_PRECISIONS float double)
  endif()
  if(PHIGRAD_AGENT_ONLY)
    set(robot_PRECISIONS double)  # with which agents drive
  endif()

  set_property(GLOBAL APPEND PROPERTY PHIGRAD_BUNDLES "${robot_NAME}|${robot_CLASS}|${robot_HEADER}")
  set(stubs ${CMAKE_CURRENT_BINARY_DIR}/${target}_robots)
  set(declarations "")
  set(registrations "")
  foreach(precision IN LISTS robot_PRECISIONS)
    set(backend cpu)
    foreach(flavour IN LISTS PHIGRAD_CPU_FLAVOURS)
      # For a debugger or a sanitizer one flavour a precision is worth the time: lanes of float, and
      # the baseline of double, with which agents drive.
      if(NOT CMAKE_BUILD_TYPE STREQUAL "Release" AND "v3" IN_LIST PHIGRAD_CPU_FLAVOURS
         AND "${flavour} ${precision}" MATCHES "^(baseline float|v3 double)$")
        continue()
      endif()
      phigrad_add_stub(${flavour} cpp)
      # Kernels are inlined into one function. Below -O1 they are too slow to test, and ASan's
      # use-after-scope makes g++ five times slower on them.
      set_source_files_properties(${stub} TARGET_DIRECTORY ${target} PROPERTIES COMPILE_OPTIONS
        "${PHIGRAD_FLAGS_${flavour}};${PHIGRAD_FLOAT_FLAGS};$<IF:$<CONFIG:Debug>,-O1,${PHIGRAD_OPTIMISED_${flavour}}>;$<$<AND:$<CONFIG:Debug>,$<CXX_COMPILER_ID:GNU>>:-fno-sanitize-address-use-after-scope>")
    endforeach()
    set(backend cuda)
    phigrad_generate_stub(cuda cu)
    set_property(GLOBAL APPEND PROPERTY PHIGRAD_CUDA_STUBS ${stub})
    if(PHIGRAD_CUDA)
      phigrad_add_stub(cuda cu)
      set_source_files_properties(${stub} TARGET_DIRECTORY ${target} PROPERTIES
        COMPILE_OPTIONS "${PHIGRAD_NVCC_FLAGS}")
    endif()
  endforeach()

  set(entries ${stubs}/${robot_NAME}_entries.cpp)
  configure_file(${PHIGRAD_STUB_DIR}/entries.cpp.in ${entries} @ONLY)
  target_sources(${target} PRIVATE ${entries} ${robot_SOURCES})
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE
    $<IF:$<TARGET_EXISTS:phigrad::host>,phigrad::host,phigrad::base>)
endfunction()

# One translation unit, written below ${stubs}; its path is left in `stub`.
macro(phigrad_generate_stub flavour extension)
  set(flavour ${flavour})
  set(entry phigrad_${robot_NAME}_${precision}_${flavour})
  set(base_entry "")
  if(robot_BASE)
    set(base_entry "#define PHI_BASE_ENTRY phigrad_${robot_BASE}_${precision}_${flavour}\n")
  endif()
  set(stub ${stubs}/${robot_NAME}_${precision}_${flavour}.${extension})
  configure_file(${PHIGRAD_STUB_DIR}/kernel_stub.in ${stub} @ONLY)
endmacro()

macro(phigrad_add_stub flavour extension)
  phigrad_generate_stub(${flavour} ${extension})
  target_sources(${target} PRIVATE ${stub})
  string(APPEND declarations "const void* ${entry}();\n")
  string(APPEND registrations
         "    phigrad::register_kernels(\"${robot_NAME}\", \"${precision}\", \"${flavour}\", &${entry}),\n")
endmacro()
