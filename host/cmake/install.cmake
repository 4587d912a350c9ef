# `cmake --install`: the program, the libraries, every header, and the package that find_package reads.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/phigrad)
foreach(library kernels base onboard host hardware main)
  if(TARGET phigrad_${library})
    set_target_properties(phigrad_${library} PROPERTIES EXPORT_NAME ${library})
    install(TARGETS phigrad_${library} EXPORT phigrad_targets)
  endif()
endforeach()

install(TARGETS phigrad RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
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
