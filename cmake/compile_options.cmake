# One set of options for every target. Contraction into fused multiply-adds is off because the
# contract's arithmetic must give the same bytes on every CPU (docs/formats.md, 2).
add_library(taktgate_options INTERFACE)
target_compile_options(taktgate_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Werror -ffp-contract=off)
# g++ sees copies that overlap or go too far in its own std::string: version 12 (GCC bugs 105651 and
# 105329), and any version once that code comes out of a precompiled header. clang has these too.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(taktgate_options INTERFACE
    -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(taktgate_options INTERFACE -Wthread-safety) # src/base/mutex.h
endif()
if(TAKTGATE_SANITIZE)
  target_compile_options(taktgate_options INTERFACE
    -fsanitize=${TAKTGATE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_definitions(taktgate_options INTERFACE TAKTGATE_SANITIZED)
  target_link_options(taktgate_options INTERFACE -fsanitize=${TAKTGATE_SANITIZE})
  # GCC's flow analysis sees impossible paths in instrumented library code.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(taktgate_options INTERFACE -Wno-maybe-uninitialized)
    # The fences of the shared rings stand between atomics, where this sanitizer has nothing to miss.
    if(TAKTGATE_SANITIZE MATCHES "thread")
      target_compile_options(taktgate_options INTERFACE -Wno-tsan)
    endif()
  endif()
endif()
# What a test itself says is run once: it need not be fast, it must be compiled fast.
set(TAKTGATE_TEST_OPTIONS -O1)
