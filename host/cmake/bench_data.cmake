# What `phigrad bench` has built in, generated into the build tree: the configs that are named like a
# robot, the operations counted by benchmarks/count_operations, and for each CPU flavour the loops
# that its ceilings are measured with. Sets PHIGRAD_BENCH_DATA_SOURCES.

set(folder ${PROJECT_BINARY_DIR}/bench_data)
set(operations_file ${PROJECT_SOURCE_DIR}/benchmarks/operations.json)
set(configs "")
file(GLOB robot_folders CONFIGURE_DEPENDS models/*/CMakeLists.txt)
foreach(robot IN LISTS robot_folders)
  cmake_path(GET robot PARENT_PATH robot)
  cmake_path(GET robot FILENAME robot)
  set(config ${PROJECT_SOURCE_DIR}/configs/${robot}.json)
  if(robot MATCHES "^(${PHIGRAD_ROBOTS})$" AND EXISTS ${config})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${config})
    file(READ ${config} text)
    string(APPEND configs "      {\"${robot}\", R\"json(${text})json\"},\n")
  endif()
endforeach()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${operations_file})
file(READ ${operations_file} operations)

set(declarations "")
set(machines "")
set(PHIGRAD_BENCH_DATA_SOURCES ${folder}/bench_data.cpp)
foreach(flavour IN LISTS PHIGRAD_CPU_FLAVOURS)
  set(unit ${folder}/machine_${flavour}.cpp)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/machine_stub.in ${unit} @ONLY)
  # Without lanes there are none: the compiler shall not make some.
  set_source_files_properties(${unit} PROPERTIES COMPILE_OPTIONS
    "${PHIGRAD_FLAGS_${flavour}};$<IF:$<CONFIG:Debug>,-O1,-O3>;-fno-tree-vectorize;$<$<CXX_COMPILER_ID:GNU>:-fno-sanitize=all>")
  list(APPEND PHIGRAD_BENCH_DATA_SOURCES ${unit})
  string(APPEND declarations "const void* phigrad_machine_${flavour}();\n")
  string(APPEND machines "      {\"${flavour}\", &phigrad_machine_${flavour}},\n")
endforeach()
configure_file(${CMAKE_CURRENT_LIST_DIR}/bench_data.cpp.in ${folder}/bench_data.cpp @ONLY)
