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

if(TAKTGATE_ONNXRUNTIME)
  include(onnxruntime)
endif()

if(TAKTGATE_TESTS)
  find_package(GTest REQUIRED)
  find_package(benchmark REQUIRED)
  include(GoogleTest)
endif()
