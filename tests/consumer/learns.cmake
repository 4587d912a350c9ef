# cmake -D program= -D config= -D out= -P learns.cmake
# Trains and fails unless the cost falls by a tenth at least: it would not if the gradient that the
# engine makes of the robot's equations were wrong.
file(REMOVE_RECURSE ${out})
execute_process(COMMAND ${program} train ${config} --seeds 4 --out ${out} --json
                OUTPUT_VARIABLE said RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "train ended with ${status}")
endif()
string(JSON first GET "${said}" cost_first mean)
string(JSON last GET "${said}" cost_last mean)
# Whole numbers of thousandths: cmake has no fractions.
foreach(name first last)
  string(REGEX MATCH "^[0-9]+" whole "${${name}}")
  string(REGEX MATCH "\\.([0-9][0-9]?[0-9]?)" unused "${${name}}")
  string(SUBSTRING "${CMAKE_MATCH_1}000" 0 3 fraction)
  math(EXPR ${name} "${whole} * 1000 + 1${fraction} - 1000")
endforeach()
math(EXPR tenth "${first} * 9 / 10")
if(NOT last LESS tenth)
  message(FATAL_ERROR "the cost went from ${first} to ${last} thousandths")
endif()
