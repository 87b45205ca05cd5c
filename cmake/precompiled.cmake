# The headers of the standard library are read once for all rooms, and once more, with those of
# GoogleTest, for all test programs: they are half of what a source file costs. Only headers that
# never change are in here. `make lint` compiles without them, so a missing #include is found there.
function(taktgate_precompiled name)
  file(CONFIGURE OUTPUT ${name}.cc CONTENT "// Only to have the headers compiled.\n")
  add_library(${name} OBJECT "${CMAKE_CURRENT_BINARY_DIR}/${name}.cc")
  target_link_libraries(${name} PRIVATE taktgate_options)
  target_precompile_headers(${name} PRIVATE <algorithm> <array> <atomic> <charconv> <chrono> <cmath>
    <condition_variable> <cstdint> <cstdio> <cstdlib> <cstring> <deque> <filesystem> <fstream>
    <functional> <map> <memory> <mutex> <optional> <random> <set> <span> <sstream> <string>
    <string_view> <thread> <tuple> <utility> <variant> <vector>)
endfunction()

taktgate_precompiled(taktgate_room_headers)
if(TAKTGATE_TESTS)
  taktgate_precompiled(taktgate_test_headers)
  target_compile_options(taktgate_test_headers PRIVATE ${TAKTGATE_TEST_OPTIONS})
  target_link_libraries(taktgate_test_headers PRIVATE GTest::gtest)
  target_precompile_headers(taktgate_test_headers PRIVATE <gtest/gtest.h>)
endif()
