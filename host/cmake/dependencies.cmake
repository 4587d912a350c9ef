# Libraries that phigrad links, all from Debian 12. Installed: those who link phigrad need them too.

find_package(nlohmann_json 3.9 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Threads REQUIRED)
find_path(PHIGRAD_RANDOM123_INCLUDE_DIR Random123/philox.h REQUIRED
          DOC "Random123 (Debian: librandom123-dev)")
mark_as_advanced(PHIGRAD_RANDOM123_INCLUDE_DIR)

# ZeroMQ with CURVE, and libsodium for signatures: the link to robots.
find_path(PHIGRAD_ZMQ_INCLUDE_DIR zmq.hpp REQUIRED DOC "cppzmq (Debian: cppzmq-dev)")
find_library(PHIGRAD_ZMQ_LIBRARY zmq REQUIRED DOC "ZeroMQ (Debian: libzmq3-dev)")
find_path(PHIGRAD_SODIUM_INCLUDE_DIR sodium.h REQUIRED DOC "libsodium (Debian: libsodium-dev)")
find_library(PHIGRAD_SODIUM_LIBRARY sodium REQUIRED DOC "libsodium (Debian: libsodium-dev)")
mark_as_advanced(PHIGRAD_ZMQ_INCLUDE_DIR PHIGRAD_ZMQ_LIBRARY PHIGRAD_SODIUM_INCLUDE_DIR
                 PHIGRAD_SODIUM_LIBRARY)

# What the agent alone does without.
if(NOT PHIGRAD_AGENT_ONLY)
  find_package(Eigen3 3.4 REQUIRED NO_MODULE)
  find_package(SQLite3 REQUIRED)
  find_package(Boost 1.66 REQUIRED)  # headers: distributions of statistics
  find_package(TBB REQUIRED)
  find_package(benchmark 1.7 REQUIRED)  # timing, in `phigrad bench`
endif()
