# Each robot's CUDA kernels compiled for Orin and H200 whatever backends this build has: a machine
# without a GPU notices a broken or a heavier kernel. Device code alone (-fatbin). Double precision is compiled for H200 alone: it
# takes nvcc long, and Orin has next to no such arithmetic. `registers_update` renews the figures.

find_package(Python3 REQUIRED COMPONENTS Interpreter)
execute_process(COMMAND ${PHIGRAD_NVCC} --version OUTPUT_VARIABLE nvcc_version)
string(REGEX REPLACE ".*release ([0-9.]+).*" "\\1" nvcc_version "${nvcc_version}")

# A network and a scalar bundle in everyday tests; `./dev registers` takes them all.
set(PHIGRAD_REGISTERS_OF "^(car|scalar_setpoint)_(float|double)_cuda$"
    CACHE STRING "Robots whose CUDA kernels are compiled, a regular expression of their units")
set(reports "")
get_property(stubs GLOBAL PROPERTY PHIGRAD_CUDA_STUBS)
foreach(stub IN LISTS stubs)
  cmake_path(GET stub STEM name)
  # nvcc takes many minutes for the rigid body, whose 144 gains are more than a thread has registers.
  if(NOT name MATCHES "${PHIGRAD_REGISTERS_OF}" OR name MATCHES "^rigid_body_")
    continue()
  endif()
  set(architectures -gencode arch=compute_90,code=sm_90)
  if(NOT name MATCHES "_double_cuda$")
    list(APPEND architectures -gencode arch=compute_87,code=sm_87)
  endif()
  set(object ${CMAKE_CURRENT_BINARY_DIR}/registers/${name}.fatbin)
  set(report ${CMAKE_CURRENT_BINARY_DIR}/registers/${name}.ptxas)
  add_custom_command(OUTPUT ${object} BYPRODUCTS ${report}
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/compile_with_report.sh ${report}
      ${CMAKE_CXX_COMPILER_LAUNCHER} ${PHIGRAD_NVCC} -std=c++17 -O3 ${PHIGRAD_NVCC_FLAGS}
      ${architectures}
      ${PHIGRAD_NVCC_WARNINGS} ${PHIGRAD_NVCC_ERRORS} -Xptxas=-v
      -I${PROJECT_SOURCE_DIR} -MD -MF ${object}.d -fatbin ${stub} -o ${object}
    DEPENDS ${stub} compile_with_report.sh
    DEPFILE ${object}.d
    COMMENT "Counting registers of ${name}"
    VERBATIM)
  list(APPEND objects ${object})
  list(APPEND reports ${report})
endforeach()
file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/registers)

add_custom_target(registers ALL DEPENDS ${objects})
set(compare ${CMAKE_CURRENT_SOURCE_DIR}/registers.py ${PROJECT_SOURCE_DIR}/tests/golden/registers.json
    ${reports} --nvcc ${nvcc_version})
if(PHIGRAD_REGISTERS_OF STREQUAL ".*")
  add_custom_target(registers_update COMMAND Python3::Interpreter ${compare} --update)
  add_dependencies(registers_update registers)
endif()

add_test(NAME ${prefix}registers COMMAND Python3::Interpreter ${compare})
set_tests_properties(${prefix}registers PROPERTIES TIMEOUT 60 SKIP_RETURN_CODE 77)
