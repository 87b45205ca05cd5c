# The engine as a library for other programs: libtaktgate_int8.so shows what
# include/taktgate/int8.h declares and nothing else, and needs nothing but the system's libraries.
file(STRINGS "${PROJECT_SOURCE_DIR}/include/taktgate/int8.h" abi REGEX "^#define TAKTGATE_INT8_ABI ")
string(REGEX MATCH "[0-9]+$" abi "${abi}")
add_library(taktgate_int8_shared SHARED $<TARGET_OBJECTS:taktgate_int8>
  $<TARGET_OBJECTS:taktgate_int8_network> $<TARGET_OBJECTS:taktgate_int8_kernels>
  "${PROJECT_SOURCE_DIR}/src/base/result.cc")
set_target_properties(taktgate_int8_shared PROPERTIES OUTPUT_NAME taktgate_int8 EXPORT_NAME int8
  VERSION ${PROJECT_VERSION} SOVERSION ${abi} CXX_VISIBILITY_PRESET hidden
  VISIBILITY_INLINES_HIDDEN ON LINK_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/exports.map")
target_include_directories(taktgate_int8_shared PRIVATE "${PROJECT_SOURCE_DIR}/src"
  INTERFACE $<INSTALL_INTERFACE:include>)
target_link_libraries(taktgate_int8_shared PRIVATE taktgate_options)
target_link_options(taktgate_int8_shared PRIVATE
  "-Wl,--version-script=${CMAKE_CURRENT_SOURCE_DIR}/exports.map" -Wl,--as-needed)

# What others need to find it: by CMake, and by pkg-config. Both go by their own place, so that an
# installed tree can be moved.
include(CMakePackageConfigHelpers)
set(package lib/cmake/taktgate_int8)
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/taktgate_int8ConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
configure_file(taktgate_int8.pc.in taktgate_int8.pc @ONLY)
install(TARGETS taktgate_int8_shared EXPORT taktgate_int8
  LIBRARY DESTINATION lib COMPONENT int8 NAMELINK_COMPONENT int8)
install(EXPORT taktgate_int8 NAMESPACE taktgate:: FILE taktgate_int8Config.cmake
  DESTINATION ${package} COMPONENT int8)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/taktgate_int8ConfigVersion.cmake"
  DESTINATION ${package} COMPONENT int8)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/taktgate_int8.pc"
  DESTINATION lib/pkgconfig COMPONENT int8)
install(FILES "${PROJECT_SOURCE_DIR}/include/taktgate/int8.h"
  DESTINATION include/taktgate COMPONENT int8)
