// int8_runs ISA SIDE CHANNELS LABELS WEIGHT_BITS RUNS: runs the INT8 engine on MobileNetV3-Small
// with random weights, for whoever counts instructions from outside.
#include <cstdio>
#include <cstdlib>

#include "int8/engine.h"
#include "int8/network/network_file.h"
#include "int8/network/test_mobilenet.h"

int main(int count, char** words) {
  using namespace taktgate;
  using namespace taktgate::int8;
  if (count != 7) {
    std::fputs("expected int8_runs ISA SIDE CHANNELS LABELS WEIGHT_BITS RUNS\n", stderr);
    return 2;
  }
  const auto isa = IsaNamed(words[1]);
  if (!isa || !CpuHas(*isa)) {
    std::fprintf(stderr, "expected an instruction set of this CPU, got %s\n", words[1]);
    return 2;
  }
  const int side = std::atoi(words[2]), channels = std::atoi(words[3]);
  const int labels = std::atoi(words[4]), bits = std::atoi(words[5]), runs = std::atoi(words[6]);
  const auto network = *ReadNetwork(testing::MobileNetV3Small(side, channels, labels, bits));
  auto engine = *Engine::Create(network, {1, *isa});
  std::vector<std::uint8_t> pixels(network.input().size());
  Random random(1);
  for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>(random.Whole(0, 255));
  std::vector<Plane> planes;
  for (int c = 0; c < channels; ++c) {
    planes.push_back({pixels.data() + c, std::ptrdiff_t{side} * channels, channels});
  }
  engine->SetInput(0, planes);
  for (int run = 0; run < runs; ++run) {
    if (!engine->Run(1)) return 1;
  }
}
