# One set of options for every target. Contraction into fused multiply-adds is off because the
# contract's arithmetic must give the same bytes on every CPU (docs/formats.md, 2).
add_library(taktgate_options INTERFACE)
target_compile_options(taktgate_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Werror -ffp-contract=off)
# g++ 12 at -O3 sees overlapping copies in its own std::string (GCC bug 105651, mended in 13).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(taktgate_options INTERFACE -Wno-restrict)
endif()
if(TAKTGATE_SANITIZE)
  target_compile_options(taktgate_options INTERFACE
    -fsanitize=${TAKTGATE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
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
