# Libraries the host links, all from Debian 12. Installed: those who link phigrad need them too.

find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(nlohmann_json 3.9 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(TBB REQUIRED)
find_package(Threads REQUIRED)
find_path(PHIGRAD_RANDOM123_INCLUDE_DIR Random123/philox.h REQUIRED
          DOC "Random123 (Debian: librandom123-dev)")
mark_as_advanced(PHIGRAD_RANDOM123_INCLUDE_DIR)
