# Every outside library, found once. docs/dependencies.md says why each is there.
find_package(Threads REQUIRED)
find_package(PNG REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus REQUIRED)

# These come without CMake files in Debian 12.
function(taktgate_plain_library name header library)
  find_path(${name}_INCLUDE ${header} REQUIRED)
  find_library(${name}_LIBRARY ${library} REQUIRED)
  add_library(${name} UNKNOWN IMPORTED GLOBAL)
  set_target_properties(${name} PROPERTIES IMPORTED_LOCATION "${${name}_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${${name}_INCLUDE}")
endfunction()
taktgate_plain_library(jpeg jpeglib.h jpeg)
taktgate_plain_library(tiff tiffio.h tiff)
taktgate_plain_library(zstd zstd.h zstd)
taktgate_plain_library(sodium sodium.h sodium)
taktgate_plain_library(utf8proc utf8proc.h utf8proc)

# ONNX Runtime: put in place by setup/onnxruntime.sh, or named by the caller.
set(ONNXRUNTIME_ROOT "" CACHE PATH "Folder with include/ and lib/<architecture>/libonnxruntime.so")
if(NOT ONNXRUNTIME_ROOT AND DEFINED ENV{ONNXRUNTIME_ROOT})
  set(ONNXRUNTIME_ROOT "$ENV{ONNXRUNTIME_ROOT}")
endif()
if(NOT ONNXRUNTIME_ROOT)
  set(ONNXRUNTIME_ROOT "${PROJECT_SOURCE_DIR}/.deps/onnxruntime")
endif()
# Looked up each time, so that another ONNXRUNTIME_ROOT takes effect in an old build folder.
unset(ONNXRUNTIME_INCLUDE CACHE)
unset(ONNXRUNTIME_LIBRARY CACHE)
find_path(ONNXRUNTIME_INCLUDE onnxruntime_cxx_api.h PATHS "${ONNXRUNTIME_ROOT}/include"
  PATH_SUFFIXES onnxruntime NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH)
find_library(ONNXRUNTIME_LIBRARY onnxruntime NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH
  PATHS "${ONNXRUNTIME_ROOT}/lib/${CMAKE_SYSTEM_PROCESSOR}" "${ONNXRUNTIME_ROOT}/lib")
if(NOT ONNXRUNTIME_INCLUDE OR NOT ONNXRUNTIME_LIBRARY)
  message(FATAL_ERROR "ONNX Runtime not found in ${ONNXRUNTIME_ROOT}: run `make setup`, or set "
    "ONNXRUNTIME_ROOT to a folder with include/onnxruntime_cxx_api.h and lib/libonnxruntime.so")
endif()
add_library(onnxruntime SHARED IMPORTED GLOBAL)
set_target_properties(onnxruntime PROPERTIES IMPORTED_LOCATION "${ONNXRUNTIME_LIBRARY}"
  IMPORTED_SONAME libonnxruntime.so.1)
target_include_directories(onnxruntime SYSTEM INTERFACE "${ONNXRUNTIME_INCLUDE}")

# A unit gets the library itself (not a link to it), and its licence with it.
get_filename_component(ONNXRUNTIME_FILE "${ONNXRUNTIME_LIBRARY}" REALPATH)
get_filename_component(ONNXRUNTIME_FOLDER "${ONNXRUNTIME_FILE}" DIRECTORY)
install(FILES "${ONNXRUNTIME_FILE}" DESTINATION lib/taktgate RENAME libonnxruntime.so.1)
install(FILES "${ONNXRUNTIME_FOLDER}/LICENSE" DESTINATION share/doc/taktgate/onnxruntime OPTIONAL)
install(FILES "${ONNXRUNTIME_FOLDER}/ThirdPartyNotices.txt"
  DESTINATION share/doc/taktgate/onnxruntime OPTIONAL)

if(TAKTGATE_TESTS)
  find_package(GTest REQUIRED)
  find_package(benchmark REQUIRED)
  include(GoogleTest)
endif()
