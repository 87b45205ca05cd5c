# Cross build for aarch64 from Debian amd64. `make setup-arm64` fills .deps/arm64 with the target's
# libraries (sysroot/) and with the emulator's view of a plain ARM board (qemu/).
get_filename_component(root "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH "${root}/.deps/arm64/sysroot")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
# Old dynamic tags: the path then also serves the libraries that libraries need (libpng's libz).
set(CMAKE_EXE_LINKER_FLAGS_INIT
  "-Wl,--disable-new-dtags,-rpath-link,${root}/.deps/arm64/sysroot/usr/lib/aarch64-linux-gnu")
set(CMAKE_BUILD_RPATH "${root}/.deps/arm64/sysroot/usr/lib/aarch64-linux-gnu")
# Which core it plays is chosen when a test runs, by QEMU_CPU=cortex-a53 (qemu's own variable).
set(CMAKE_CROSSCOMPILING_EMULATOR "qemu-aarch64;-L;${root}/.deps/arm64/qemu")
