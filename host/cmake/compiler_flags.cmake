# How this repository compiles itself. Nothing here reaches those who link an installed phigrad.

set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug" FORCE)
endif()

if(PHIGRAD_CCACHE)
  find_program(PHIGRAD_CCACHE_PROGRAM ccache)
  if(PHIGRAD_CCACHE_PROGRAM)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${PHIGRAD_CCACHE_PROGRAM})
    set(CMAKE_CUDA_COMPILER_LAUNCHER ${PHIGRAD_CCACHE_PROGRAM})
  endif()
endif()

# The floating-point contract of every translation unit: contraction would make lanes differ from
# scalars; errno only keeps sqrt from being one instruction.
set(PHIGRAD_FLOAT_FLAGS -ffp-contract=off -fno-math-errno)

add_library(phigrad_flags INTERFACE)
target_compile_options(phigrad_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:${PHIGRAD_FLOAT_FLAGS};-Wall;-Wextra;-Wpedantic;-Wshadow;-Wconversion;-Wdouble-promotion;-Wnon-virtual-dtor;-Wold-style-cast>
  # Clang means more by these names than g++, whose warnings are heeded.
  $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wno-sign-conversion;-Wno-double-promotion;-Wno-bitwise-instead-of-logical>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${PHIGRAD_WARNINGS_AS_ERRORS}>>:-Werror>)
