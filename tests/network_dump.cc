// Runs a compiled network, for test_int8_twins.py and test_int8_engine.py:
//   network_dump NETWORK.tgn PIXELS OUT [ISA]
// PIXELS holds images (HWC, uint8). Without ISA the plain reference runs, and OUT holds for each
// image the codes of every tensor, in the order of their numbers (HWC; zeros for the tensor of the
// logits), then the float32 logits. With one, "avx2" or another name, the engine runs on it, up to
// three images at once, and OUT holds for each image the codes of the extra outputs, then the
// logits. Exit 3: this CPU has no such instruction set.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "int8/engine.h"
#include "int8/network/network_file.h"
#include "int8/network/reference.h"

namespace taktgate {
namespace {

constexpr int kMostAtOnce = 3;

std::vector<std::uint8_t> Bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void Put(const auto& numbers, std::ostream& out) {
  out.write(reinterpret_cast<const char*>(numbers.data()),
            static_cast<std::streamsize>(numbers.size_bytes()));
}

void DumpReference(const int8::Network& network, std::span<const std::uint8_t> pixels,
                   std::ostream& out) {
  int8::Reference reference(network);
  for (const std::size_t size = network.input().size(); pixels.size() >= size;
       pixels = pixels.subspan(size)) {
    reference.Run(pixels.first(size));
    for (std::size_t k = 0; k < network.tensors.size(); ++k) {
      Put(reference.codes(static_cast<int>(k)), out);
    }
    Put(reference.logits(), out);
  }
}

// Interleaved channels.
void Show(int8::Engine& engine, int window, const std::uint8_t* pixels) {
  const int8::Tensor& input = engine.input();
  std::vector<int8::Plane> planes;
  for (int c = 0; c < input.channels; ++c) {
    planes.push_back({pixels + c, std::ptrdiff_t{input.width} * input.channels, input.channels});
  }
  engine.SetInput(window, planes);
}

Status DumpEngine(const int8::Network& network, int8::Isa isa, std::span<const std::uint8_t> pixels,
                  std::ostream& out) {
  const auto engine = int8::Engine::Create(network, {kMostAtOnce, isa});
  if (!engine) return engine.error();
  if (!(*engine)->left_out().empty()) return Invalid("expected right bytes, got others");
  const std::size_t size = network.input().size();
  int images = static_cast<int>(pixels.size() / size);
  while (images > 0) {
    const int now = std::min(images, kMostAtOnce);
    for (int k = 0; k < now; ++k) {
      Show(**engine, k, pixels.data() + static_cast<std::size_t>(k) * size);
    }
    (*engine)->Run(now);
    for (int k = 0; k < now; ++k) {
      for (std::size_t one = 0; one < network.extra_outputs.size(); ++one) {
        Put((*engine)->extra_output(k, one), out);
      }
      Put((*engine)->logits(k), out);
    }
    pixels = pixels.subspan(static_cast<std::size_t>(now) * size);
    images -= now;
  }
  return {};
}

Status Dump(std::span<char* const> words, std::ostream& out) {
  const auto network = int8::ReadNetwork(Bytes(words[1]));
  if (!network) return network.error();
  const auto pixels = Bytes(words[2]);
  if (words.size() < 5) return DumpReference(*network, pixels, out), Status();
  const auto isa = int8::IsaNamed(words[4]);
  return isa ? DumpEngine(*network, *isa, pixels, out) : Status(isa.error());
}

}  // namespace
}  // namespace taktgate

int main(int argc, char** argv) {
  if (argc < 4 || argc > 5) return 2;
  std::ofstream out(argv[3], std::ios::binary);
  const std::span<char* const> words(argv, static_cast<std::size_t>(argc));
  const taktgate::Status done = taktgate::Dump(words, out);
  if (done) return 0;
  std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return done.error().code == taktgate::ErrorCode::kUnsupported ? 3 : 1;
}
