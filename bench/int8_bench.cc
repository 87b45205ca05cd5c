// The INT8 engine on MobileNetV3, each set of kernels that this CPU has.
#include <benchmark/benchmark.h>

#include <string>

#include "int8/engine.h"
#include "int8/kernels/kernels.h"
#include "int8/network/network_file.h"
#include "int8/network/test_mobilenet.h"

namespace taktgate::int8 {
namespace {

void Runs(benchmark::State& state, decltype(testing::MobileNetV3Small)* make, int side,
          int channels, int labels, int bits, int windows, Isa isa) {
  const auto network = *ReadNetwork(make(side, channels, labels, bits));
  auto engine = *Engine::Create(network, {windows, isa});
  std::vector<std::uint8_t> pixels(network.input().size());
  Random random(1);
  for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>(random.Whole(0, 255));
  std::vector<Plane> planes;
  for (int c = 0; c < channels; ++c)
    planes.push_back({pixels.data() + c, side * channels, channels});
  for (int window = 0; window < windows; ++window) engine->SetInput(window, planes);
  for (auto _ : state) benchmark::DoNotOptimize(engine->Run(windows));
}

void Register() {
  for (const Isa isa : IsasOfThisCpu()) {
    if (isa == Isa::kScalar) continue;
    for (const int bits : {7, 8}) {
      if (bits == 8 && KernelsFor(isa, 8) == KernelsFor(isa, 7)) continue;
      const std::string name = std::string(NameOf(isa)) + "/" + std::to_string(bits) + " bits";
      const auto add = [&](const std::string& what, auto* make, int side, int channels, int labels,
                           int windows) {
        benchmark::RegisterBenchmark((name + "/" + what).c_str(), Runs, make, side, channels,
                                     labels, bits, windows, isa);
      };
      add("Small, 224x224x3", testing::MobileNetV3Small, 224, 3, 1000, 1);
      add("Small, 64x64x2", testing::MobileNetV3Small, 64, 2, 4, 1);
      add("Small, 64x64x2, four windows", testing::MobileNetV3Small, 64, 2, 4, 4);
      add("Large, 224x224x3", testing::MobileNetV3Large, 224, 3, 1000, 1);
    }
  }
}

}  // namespace
}  // namespace taktgate::int8

int main(int count, char** words) {
  taktgate::int8::Register();
  benchmark::Initialize(&count, words);
  benchmark::RunSpecifiedBenchmarks();
}
