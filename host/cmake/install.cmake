# `cmake --install`: the program, the libraries, every header, and the package that find_package reads.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/phigrad)
set_target_properties(phigrad_kernels PROPERTIES EXPORT_NAME kernels)
set_target_properties(phigrad_host PROPERTIES EXPORT_NAME host)
set_target_properties(phigrad_hardware PROPERTIES EXPORT_NAME hardware)
set_target_properties(phigrad_main PROPERTIES EXPORT_NAME main)

install(TARGETS phigrad RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS phigrad_kernels phigrad_host phigrad_hardware phigrad_main EXPORT phigrad_targets)
install(EXPORT phigrad_targets NAMESPACE phigrad:: DESTINATION ${package_dir})
install(DIRECTORY kernels host models hardware
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/phigrad
        FILES_MATCHING PATTERN *.hpp PATTERN *.inl PATTERN *.cuh PATTERN cmake EXCLUDE)

configure_package_config_file(host/cmake/phigrad-config.cmake.in
  ${PROJECT_BINARY_DIR}/phigrad-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/phigrad-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/phigrad-config.cmake
  ${PROJECT_BINARY_DIR}/phigrad-config-version.cmake
  host/cmake/cpu_flavours.cmake
  host/cmake/dependencies.cmake
  host/cmake/entries.cpp.in
  host/cmake/kernel_stub.in
  host/cmake/phigrad_add_robot.cmake
  DESTINATION ${package_dir})
