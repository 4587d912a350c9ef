# Writes build_info.cpp into the build tree at each build (not at configuration: the commit moves
# between builds), and touches it only when it changed.

set(PHIGRAD_BUILD_INFO_SOURCE ${PROJECT_BINARY_DIR}/build_info.cpp)

string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
string(JOIN " " flags ${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}} ${PHIGRAD_FLOAT_FLAGS})
set(cuda none)
if(PHIGRAD_CUDA)
  set(cuda ${CMAKE_CUDA_COMPILER_VERSION})
endif()

add_custom_target(phigrad_build_info
  BYPRODUCTS ${PHIGRAD_BUILD_INFO_SOURCE}
  COMMAND ${CMAKE_COMMAND}
    -D source=${PROJECT_SOURCE_DIR}
    -D output=${PHIGRAD_BUILD_INFO_SOURCE}
    -D version=${PROJECT_VERSION}
    -D "compiler=${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}"
    -D "flags=${flags}"
    -D cuda=${cuda}
    -P ${CMAKE_CURRENT_LIST_DIR}/write_build_info.cmake
  COMMENT "Noting commit and flags"
  VERBATIM)
