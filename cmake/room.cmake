# The test program of a room: `tests`, linked with its library.
function(taktgate_unit_tests path)
  string(REPLACE "/" "_" name ${path})
  add_executable(taktgate_${name}_test ${ARGN})
  target_link_libraries(taktgate_${name}_test PRIVATE taktgate_${name} GTest::gtest GTest::gtest_main)
  add_dependencies(unit_tests taktgate_${name}_test)
  target_compile_options(taktgate_${name}_test PRIVATE ${TAKTGATE_TEST_OPTIONS})
  target_precompile_headers(taktgate_${name}_test REUSE_FROM taktgate_test_headers)
  # Discovered when ctest runs, not when building: a cross build needs no emulator to link.
  gtest_discover_tests(taktgate_${name}_test TEST_PREFIX "${path}/" DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 120)
endfunction()

# Objects that go into the library for other programs, too: they are compiled for one, and without
# the headers that are precompiled for programs.
function(taktgate_for_other_programs target)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON DISABLE_PRECOMPILE_HEADERS ON)
endfunction()

# taktgate_room(<name> [USES <room>...] [TESTS <room>...] [LIBRARIES <target>...]
#   [WITHOUT <file>...])
#
# One room = one folder = one static library of its *.cc, and one test program of its *_test.cc. A
# room inside another, such as line/gpio, is a library of its own.
# USES is the room's arrows: what it links; TESTS is what its tests link besides. That nothing else
# is included, which the linker cannot see, is checked by tests/test_include_arrows.py. WITHOUT names
# files that this build leaves out.
function(taktgate_room path)
  cmake_parse_arguments(ARG "" "" "USES;TESTS;LIBRARIES;WITHOUT" ${ARGN})
  string(REPLACE "/" "_" name ${path})
  list(TRANSFORM ARG_USES REPLACE "/" "_")
  list(TRANSFORM ARG_TESTS REPLACE "/" "_")
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  file(GLOB tests CONFIGURE_DEPENDS *_test.cc)
  if(ARG_WITHOUT)
    list(TRANSFORM ARG_WITHOUT PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
    list(REMOVE_ITEM sources ${ARG_WITHOUT})
    list(REMOVE_ITEM tests ${ARG_WITHOUT})
  endif()
  if(tests)
    list(REMOVE_ITEM sources ${tests})
  endif()
  list(TRANSFORM ARG_USES PREPEND taktgate_)
  list(TRANSFORM ARG_TESTS PREPEND taktgate_)
  if(sources)
    add_library(taktgate_${name} STATIC ${sources})
    target_precompile_headers(taktgate_${name} REUSE_FROM taktgate_room_headers)
    taktgate_unity(taktgate_${name})
    set(scope PUBLIC)
  else()
    add_library(taktgate_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(taktgate_${name} ${scope} "${PROJECT_SOURCE_DIR}/src")
  target_link_libraries(taktgate_${name} ${scope} taktgate_options ${ARG_USES} ${ARG_LIBRARIES})

  if(path IN_LIST TAKTGATE_TIDY)
    set_target_properties(taktgate_${name} PROPERTIES CXX_CLANG_TIDY "clang-tidy;--quiet")
  endif()

  # Of tests clang warns when it compiles them for the asan preset.
  if(TAKTGATE_TESTS AND tests AND NOT TAKTGATE_CHECK_ONLY)
    taktgate_unit_tests(${path} ${tests})
    target_link_libraries(taktgate_${name}_test PRIVATE ${ARG_TESTS})
  endif()
endfunction()
