# phigrad_unite(<target> <source>...): compiles the sources of each folder as one unit, so that what
# they all include is compiled once. From scratch that takes half the time; after a change the folder
# is compiled again, so a build for daily work leaves it out.

option(PHIGRAD_UNITY "Compile the sources of a folder as one unit" OFF)

function(phigrad_unite target)
  if(NOT PHIGRAD_UNITY)
    return()
  endif()
  # Apart: sources with flags of their own, those that tests replace, those in which `Event` is the failsafe's, and those whose
  # templates take the compiler so long that they are better shared among processors.
  set(apart "/(cuda_device|thread_pool|riccati|cbor|control_loop|failsafe_test|allocation_test).cpp$|/engine/[a-z_]+_test.cpp$|_oracle_test.cpp$")
  foreach(source IN LISTS ARGN)
    if(source MATCHES "${apart}")
      continue()
    endif()
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} OUTPUT_VARIABLE file)
    cmake_path(RELATIVE_PATH file BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE folder)
    cmake_path(GET folder PARENT_PATH folder)
    string(REPLACE "/" "_" group ${folder})
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()
