#include "image_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  taktgate::fuzz::DecodeAndCheck({data, size});
  return 0;
}
