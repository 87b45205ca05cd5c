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
