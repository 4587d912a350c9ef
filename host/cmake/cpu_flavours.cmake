# The instruction sets for which each robot's CPU kernels are compiled into one binary; the host
# picks among them at run time. Installed: a robot outside the repository is compiled the same way.

set(PHIGRAD_FLAGS_baseline -march=x86-64)
set(PHIGRAD_FLAGS_v3 -march=x86-64-v3)  # AVX2 + FMA, 8 floats a lane block
# AVX-512, 16 floats a lane block. GCC 12 warns of its own intrinsics' headers (GCC bug 105593).
set(PHIGRAD_FLAGS_v4 -march=x86-64-v4 -Wno-uninitialized -Wno-maybe-uninitialized)
set(PHIGRAD_FLAGS_neon "")              # part of every aarch64, 4 floats a lane block

# How hard a release works on them: without lanes -O3 takes twice the compiler's time, and looking
# for lanes in straight code (SLP) as long again.
set(PHIGRAD_OPTIMISED_baseline -O2 -fno-tree-slp-vectorize)
set(PHIGRAD_OPTIMISED_v3 -O3)
set(PHIGRAD_OPTIMISED_v4 -O3)
set(PHIGRAD_OPTIMISED_neon -O3)

# As /proc/cpuinfo names them.
set(PHIGRAD_CPU_NEEDS_baseline "")
set(PHIGRAD_CPU_NEEDS_v3 avx2 fma bmi1 bmi2 f16c movbe)
set(PHIGRAD_CPU_NEEDS_v4 avx2 fma bmi1 bmi2 f16c movbe avx512f avx512bw avx512cd avx512dq avx512vl)
set(PHIGRAD_CPU_NEEDS_neon "")

# Every flavour for a release; for a debugger or a sanitizer the best one this machine runs, and the
# baseline, with which agents drive; for the agent alone that one.
function(phigrad_default_flavours result)
  if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    set(${result} neon PARENT_SCOPE)
    return()
  endif()
  if(PHIGRAD_AGENT_ONLY)
    set(${result} baseline PARENT_SCOPE)
    return()
  endif()
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    set(${result} baseline v3 v4 PARENT_SCOPE)
    return()
  endif()
  file(READ /proc/cpuinfo cpuinfo LIMIT 4096)
  set(${result} baseline v3 PARENT_SCOPE)
  foreach(need IN LISTS PHIGRAD_CPU_NEEDS_v3)
    if(NOT cpuinfo MATCHES " ${need}[ \n]")
      set(${result} baseline PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

phigrad_default_flavours(default_flavours)
set(PHIGRAD_CPU_FLAVOURS "${default_flavours}" CACHE STRING "baseline, v3, v4 or neon, several")
foreach(flavour IN LISTS PHIGRAD_CPU_FLAVOURS)
  if(NOT DEFINED PHIGRAD_FLAGS_${flavour})
    message(FATAL_ERROR "unknown CPU flavour '${flavour}' [PHIGRAD_CPU_FLAVOURS]; use some of baseline;v3;v4 (x86-64) or neon (aarch64)")
  endif()
endforeach()
