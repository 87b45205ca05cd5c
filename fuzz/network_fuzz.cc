// A compiled network, byte by byte, with a checksum that fits: what the reader takes is computed,
// by the plain reference and by the kernels of this CPU, to the same bytes.
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

#include "fuzz_target.h"
#include "int8/engine.h"
#include "int8/network/network_file.h"
#include "int8/network/network_layout.h"
#include "int8/network/reference.h"
#include "int8/network/test_networks.h"

namespace taktgate::fuzz {
namespace {

using int8::Network;

// Larger networks are read and not computed.
constexpr std::size_t kMostWork = 200'000;

std::size_t WorkOf(const Network& network) {
  std::size_t work = 0;
  for (const int8::Tensor& tensor : network.tensors) work += tensor.size();
  for (const int8::Operation& operation : network.operations) {
    const auto& result = network.tensors[static_cast<std::size_t>(operation.result)];
    work += result.places() * operation.weights.size();
  }
  return work;
}

void CheckAnswers(const Network& network) {
  const int8::Tensor& input = network.input();
  std::vector<std::uint8_t> pixels(input.size());
  for (std::size_t k = 0; k < pixels.size(); ++k) pixels[k] = static_cast<std::uint8_t>(k * 37);
  std::vector<int8::Plane> planes;
  for (int c = 0; c < input.channels; ++c) {
    planes.push_back(
        {pixels.data() + c, std::ptrdiff_t{input.width} * input.channels, input.channels});
  }
  const auto engine = int8::Engine::Create(network);
  Expect(engine.has_value(), "there is a set of kernels for a sound network");
  (*engine)->SetInput(0, planes);
  Expect((*engine)->Run(1), "nobody stops it");
  int8::Reference reference(network);
  reference.Run(pixels);
  Expect(std::ranges::equal((*engine)->logits(0), reference.logits(),
                            [](float a, float b) { return a == b || (a != a && b != b); }),
         "the kernels give the logits of the reference");
  for (std::size_t k = 0; k < network.extra_outputs.size(); ++k) {
    Expect(std::ranges::equal((*engine)->extra_output(0, k),
                              reference.codes(network.extra_outputs[k].tensor)),
           "the kernels give the codes of the reference");
  }
}

void CheckNetwork(Bytes bytes) {
  std::vector<std::uint8_t> file(bytes.begin(), bytes.end());
  if (const auto network = int8::ReadNetwork(file); !network) ExpectForAPerson(network.error());
  if (file.size() < sizeof(int8::Header)) return;
  const auto size = static_cast<std::uint32_t>(file.size());
  std::memcpy(file.data() + offsetof(int8::Header, bytes), &size, sizeof size);
  int8::testing::NetworkMaker::Sign(file);
  const auto network = int8::ReadNetwork(file);
  if (!network) return ExpectForAPerson(network.error());
  if (WorkOf(*network) <= kMostWork) CheckAnswers(*network);
}

}  // namespace
}  // namespace taktgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  taktgate::fuzz::CheckNetwork({data, size});
  return 0;
}
