# What all of phigrad is beside the agent: the engine with its CUDA backend, runs and reports, the
# learner and its end of the link.

file(GLOB_RECURSE host_sources CONFIGURE_DEPENDS host/*.cpp)
list(REMOVE_ITEM host_sources ${base_sources})
include(bench_data)
# Designs of gains, which take the compiler long, for the robots that have some.
if(NOT "scalar double_pendulum" MATCHES "${PHIGRAD_ROBOTS}")
  list(FILTER host_sources EXCLUDE REGEX "/host/control/")
endif()
add_library(phigrad_host STATIC ${host_sources} ${PHIGRAD_BENCH_DATA_SOURCES})
add_library(phigrad::host ALIAS phigrad_host)
target_link_libraries(phigrad_host
  PUBLIC phigrad_base Eigen3::Eigen Threads::Threads
  PRIVATE benchmark::benchmark Boost::headers CLI11::CLI11 SQLite::SQLite3 TBB::tbb ${CMAKE_DL_LIBS} $<BUILD_INTERFACE:phigrad_flags>)
set_source_files_properties(host/engine/thread_pool.cpp PROPERTIES
  COMPILE_OPTIONS "${PHIGRAD_THRUST_FLAGS};-DTHRUST_DEVICE_SYSTEM=THRUST_DEVICE_SYSTEM_TBB")
# Eigen's decompositions, for small matrices now and then.
set_source_files_properties(host/control/riccati.cpp PROPERTIES
  COMPILE_OPTIONS $<IF:$<CONFIG:Debug>,-O0,-O1>)
phigrad_unite(phigrad_host ${host_sources})
if(PHIGRAD_NVTX_INCLUDE_DIR)
  target_compile_definitions(phigrad_host PUBLIC PHIGRAD_HAS_NVTX)
  target_include_directories(phigrad_host SYSTEM PUBLIC ${PHIGRAD_NVTX_INCLUDE_DIR})
endif()
if(PHIGRAD_CUDA)
  target_compile_definitions(phigrad_host PRIVATE PHIGRAD_HAS_CUDA)
  target_link_libraries(phigrad_host PRIVATE CUDA::cudart_static)
endif()
find_file(PHIGRAD_CHART_JS chart.min.js HINTS /usr/share/javascript/chart.js
          DOC "Chart.js (Debian: libjs-chart.js), drawn with by the reports")
if(PHIGRAD_CHART_JS)
  target_compile_definitions(phigrad_host PRIVATE PHIGRAD_CHART_JS_PATH="${PHIGRAD_CHART_JS}")
endif()

file(GLOB_RECURSE hardware_sources CONFIGURE_DEPENDS hardware/*.cpp)
list(FILTER hardware_sources EXCLUDE REGEX "/((agent|mpi)_)?main.cpp$")
list(REMOVE_ITEM hardware_sources ${onboard_sources})
add_library(phigrad_hardware STATIC ${hardware_sources})
add_library(phigrad::hardware ALIAS phigrad_hardware)
target_include_directories(phigrad_hardware SYSTEM PRIVATE
  ${PHIGRAD_ZMQ_INCLUDE_DIR} ${PHIGRAD_SODIUM_INCLUDE_DIR})
target_link_libraries(phigrad_hardware
  PUBLIC phigrad_host phigrad_onboard
  PRIVATE CLI11::CLI11 ${PHIGRAD_ZMQ_LIBRARY} ${PHIGRAD_SODIUM_LIBRARY}
          $<BUILD_INTERFACE:phigrad_flags>)
phigrad_unite(phigrad_hardware ${hardware_sources})
