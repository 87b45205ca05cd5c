// Runs a compiled network in the plain reference, for test_int8_twins.py:
//   network_dump NETWORK.tgn PIXELS OUT
// PIXELS holds images (HWC, uint8). OUT holds for each of them the codes of every tensor, in the
// order of their numbers (HWC; zeros for the tensor of the logits), then the float32 logits.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "int8/network_file.h"
#include "int8/reference.h"

namespace taktgate {
namespace {

std::vector<std::uint8_t> Bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void Put(const auto& numbers, std::ostream& out) {
  out.write(reinterpret_cast<const char*>(numbers.data()),
            static_cast<std::streamsize>(numbers.size_bytes()));
}

Status Dump(const std::string& file, std::span<const std::uint8_t> pixels, std::ostream& out) {
  const auto network = int8::ReadNetwork(Bytes(file));
  if (!network) return network.error();
  int8::Reference reference(*network);
  for (const std::size_t size = network->input().size(); pixels.size() >= size;
       pixels = pixels.subspan(size)) {
    reference.Run(pixels.first(size));
    for (std::size_t k = 0; k < network->tensors.size(); ++k) {
      Put(reference.codes(static_cast<int>(k)), out);
    }
    Put(reference.logits(), out);
  }
  return {};
}

}  // namespace
}  // namespace taktgate

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  std::ofstream out(argv[3], std::ios::binary);
  const auto pixels = taktgate::Bytes(argv[2]);
  const taktgate::Status done = taktgate::Dump(argv[1], pixels, out);
  if (done) return 0;
  std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return 1;
}
