// Where the time of the INT8 engine goes: `int8_layers NETWORK.tgn [INSTRUCTION_SET [RUNS]]` times
// each step of a network on its own, with the maps of a run in the caches as a run leaves them.
// `make bench-engines` makes networks in build/bench-engines/*/int8-7.tgn.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "int8/aligned_bytes.h"
#include "int8/assemble.h"
#include "int8/constants.h"
#include "int8/network/network_file.h"

namespace taktgate::int8 {
namespace {

using Clock = std::chrono::steady_clock;

// What a step is and how much it multiplies. Channels are those that are computed: whole blocks.
struct Described {
  std::string kind;
  std::string size;
  std::int64_t macs = 0;
};

std::string Size(int rows, int columns, int blocks) {
  return std::to_string(rows) + " x " + std::to_string(columns) + " x " +
         std::to_string(blocks * static_cast<int>(kBlock));
}

Described Describe(const Dense& dense) {
  const bool vector = dense.rows * dense.columns == 1;
  const std::int64_t results = std::int64_t{dense.rows} * dense.columns * dense.blocks * 16;
  return {vector ? "fully connected" : "convolution",
          Size(dense.rows, dense.columns, dense.blocks) + " of " + std::to_string(dense.steps * 4),
          results * dense.steps * 4};
}
Described Describe(const Depthwise& depthwise) {
  const std::int64_t results =
      std::int64_t{depthwise.rows} * depthwise.columns * depthwise.blocks * 16;
  const std::string kernel = std::to_string(depthwise.kernel);
  return {"depthwise",
          Size(depthwise.rows, depthwise.columns, depthwise.blocks) + ", " + kernel + " x " +
              kernel + ", stride " + std::to_string(depthwise.stride),
          results * depthwise.kernel * depthwise.kernel};
}
Described OfPlaces(std::string kind, const Rows& places) {
  return {std::move(kind), Size(places.rows, places.columns, places.blocks), 0};
}
Described Describe(const Gate& gate) { return OfPlaces("gate", gate.places); }
Described Describe(const Add& add) { return OfPlaces("add", add.places); }
Described Describe(const Mean& mean) { return OfPlaces("mean", mean.places); }
Described Describe(const Lookup& lookup) { return OfPlaces("table", lookup.places); }
Described Describe(const ReadIn& read) { return {"input", Size(read.height, read.width, 0), 0}; }
Described Describe(const FillBorder& fill) {
  return {"border", Size(fill.rows, fill.columns, fill.blocks), 0};
}
template <typename Other>
Described Describe(const Other&) {
  return {"other", "", 0};
}

double Nanoseconds(Clock::duration time) {
  return std::chrono::duration<double, std::nano>(time).count();
}

double CostOfTheClock() {
  double least = 1e9;
  for (int k = 0; k < 10'000; ++k) {
    const auto begin = Clock::now();
    least = std::min(least, Nanoseconds(Clock::now() - begin));
  }
  return least;
}

// A network as Engine has it, of one window.
struct Assembled {
  explicit Assembled(const Network& network, const Kernels& kernels)
      : plan(PlanMemory(network, 1)), arena(plan.arena_bytes) {
    const Tensor& input = network.input();
    pixels.resize(input.size());
    Random random(1);
    for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>(random.Whole(0, 255));
    for (int c = 0; c < input.channels; ++c) {
      planes.push_back({pixels.data() + c, input.width * input.channels, input.channels});
    }
    for (const ExtraOutput& output : network.extra_outputs) {
      outputs.emplace_back(network.tensors[static_cast<std::size_t>(output.tensor)].size());
      places.push_back(outputs.back().data());
    }
    steps = Assemble(network, kernels, {plan, arena.data(), planes, logits, places, constants});
  }
  MemoryPlan plan;
  AlignedBytes arena;
  Constants constants;
  std::vector<std::uint8_t> pixels;
  std::vector<Plane> planes;
  std::vector<float> logits = std::vector<float>(8192);
  std::vector<std::vector<std::uint8_t>> outputs;
  std::vector<std::uint8_t*> places;
  std::vector<Step> steps;
};

// Of each step the least time of all runs, in ns; the last is that of whole runs.
std::vector<double> Measure(const Assembled& network, const Kernels& kernels, int runs) {
  std::vector<double> least(network.steps.size() + 1, 1e12);
  const double clock = CostOfTheClock();
  for (int run = 0; run < runs; ++run) {
    for (std::size_t k = 0; k < network.steps.size(); ++k) {
      const auto begin = Clock::now();
      Do(network.steps[k], kernels);
      least[k] = std::min(least[k], std::max(0.0, Nanoseconds(Clock::now() - begin) - clock));
    }
    const auto begin = Clock::now();
    for (const Step& step : network.steps) Do(step, kernels);
    least.back() = std::min(least.back(), Nanoseconds(Clock::now() - begin));
  }
  return least;
}

struct Sum {
  int steps = 0;
  double nanoseconds = 0;
  std::int64_t macs = 0;
};

void PrintRow(const std::string& kind, const std::string& size, const Sum& sum, double whole) {
  std::printf("| %-15s | %-38s | %8.2f | %5.1f | %7.3f | %6.1f |\n", kind.c_str(), size.c_str(),
              sum.nanoseconds / 1e3, 100 * sum.nanoseconds / whole,
              static_cast<double>(sum.macs) / 1e6, static_cast<double>(sum.macs) / sum.nanoseconds);
}

int Run(const char* file, const char* set, int runs) {
  std::ifstream stream(file, std::ios::binary);
  const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(stream), {}};
  const auto network = ReadNetwork(bytes);
  if (!network) return std::fprintf(stderr, "%s: %s\n", file, network.error().message.c_str()), 1;
  Isa isa = IsasOfThisCpu().front();
  if (set != nullptr) {
    const auto named = IsaNamed(set);
    if (!named) return std::fprintf(stderr, "%s\n", named.error().message.c_str()), 1;
    isa = *named;
  }
  const Kernels* kernels = KernelsFor(isa, network->weight_bits);
  if (kernels == nullptr) return std::fprintf(stderr, "this CPU has no %s\n", set), 1;
  const Assembled assembled(*network, *kernels);
  const auto least = Measure(assembled, *kernels, runs);
  const double whole = least.back();
  std::printf("%s, %s, the least of %d runs: %.1f us\n\n", file, NameOf(isa).data(), runs,
              whole / 1e3);
  std::printf("| step | result | us | %% | 10^6 MAC | 10^9 MAC/s |\n|---|---|---|---|---|---|\n");
  std::map<std::string, Sum> kinds;
  for (std::size_t k = 0; k < assembled.steps.size(); ++k) {
    const Described step =
        std::visit([](const auto& work) { return Describe(work); }, assembled.steps[k].work);
    PrintRow(step.kind, step.size, {1, least[k], step.macs}, whole);
    Sum& sum = kinds[step.kind];
    sum = {sum.steps + 1, sum.nanoseconds + least[k], sum.macs + step.macs};
  }
  std::printf("\n| kind | steps | us | %% | 10^6 MAC | 10^9 MAC/s |\n|---|---|---|---|---|---|\n");
  for (const auto& [kind, sum] : kinds) PrintRow(kind, std::to_string(sum.steps), sum, whole);
  return 0;
}

}  // namespace
}  // namespace taktgate::int8

int main(int count, char** words) {
  if (count < 2) {
    return std::fprintf(stderr, "expected int8_layers NETWORK.tgn [INSTRUCTION_SET [RUNS]]\n"), 2;
  }
  return taktgate::int8::Run(words[1], count > 2 ? words[2] : nullptr,
                             count > 3 ? std::atoi(words[3]) : 2000);
}
