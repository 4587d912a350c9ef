# nvcc, its flags, and what of the toolkit the g++ side uses (NVTX's header, Thrust). The register test
# needs nvcc in builds without the CUDA backend too, so it is looked for in every build.

find_program(PHIGRAD_NVCC nvcc HINTS ${CMAKE_CUDA_COMPILER} ENV CUDACXX /usr/local/cuda/bin)

# Loops of host-and-device functions are unrolled by a pragma that only nvcc knows.
set(PHIGRAD_NVCC_WARNINGS -Xcompiler=-Wall,-Wextra,-Wdouble-promotion,-Wno-unknown-pragmas)
set(PHIGRAD_NVCC_ERRORS -Werror=all-warnings -Xcompiler=-Werror)

set(PHIGRAD_NVCC_FLAGS --expt-relaxed-constexpr)
if(PHIGRAD_STRICT)
  list(APPEND PHIGRAD_NVCC_FLAGS -fmad=false)
endif()

if(PHIGRAD_CUDA)
  if(NOT PHIGRAD_NVCC)
    message(FATAL_ERROR "no CUDA compiler [PHIGRAD_CUDA=ON]; install the CUDA toolkit (11.4 or newer) or use a cpu preset")
  endif()
  set(CMAKE_CUDA_COMPILER ${PHIGRAD_NVCC})
  set(default_architectures OFF)
  if(NOT CMAKE_CUDA_ARCHITECTURES)
    set(default_architectures ON)
    set(CMAKE_CUDA_ARCHITECTURES 75-virtual 87-real 90-real)
  endif()
  enable_language(CUDA)
  find_package(CUDAToolkit REQUIRED)
  if(default_architectures AND CMAKE_CUDA_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
    list(APPEND CMAKE_CUDA_ARCHITECTURES 110-real)  # Jetson Thor, unknown to older toolkits
  endif()
  set(CMAKE_CUDA_STANDARD 17)
  set(CMAKE_CUDA_STANDARD_REQUIRED ON)
  target_compile_options(phigrad_flags INTERFACE
    $<$<COMPILE_LANGUAGE:CUDA>:${PHIGRAD_NVCC_WARNINGS}>
    $<$<AND:$<COMPILE_LANGUAGE:CUDA>,$<BOOL:${PHIGRAD_WARNINGS_AS_ERRORS}>>:${PHIGRAD_NVCC_ERRORS}>)
endif()

if(PHIGRAD_NVCC)
  cmake_path(GET PHIGRAD_NVCC PARENT_PATH nvcc_folder)
  find_path(PHIGRAD_NVTX_INCLUDE_DIR nvtx3/nvToolsExt.h HINTS ${nvcc_folder}/../include
            DOC "NVTX; without it ranges are no-ops")
endif()
# Thrust of the toolkit where there is one, else Debian's; never both.
find_path(PHIGRAD_THRUST_INCLUDE_DIR thrust/version.h REQUIRED
          HINTS ${nvcc_folder}/../include/cccl ${nvcc_folder}/../include
          DOC "Thrust (the CUDA toolkit's, or Debian: libthrust-dev)")
set(PHIGRAD_THRUST_FLAGS "")
if(NOT PHIGRAD_THRUST_INCLUDE_DIR STREQUAL "/usr/include")  # named, it would hide g++'s own headers
  set(PHIGRAD_THRUST_FLAGS "-isystem;${PHIGRAD_THRUST_INCLUDE_DIR}")
endif()
mark_as_advanced(PHIGRAD_NVCC PHIGRAD_NVTX_INCLUDE_DIR PHIGRAD_THRUST_INCLUDE_DIR)
