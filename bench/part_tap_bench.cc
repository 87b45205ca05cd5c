// What the tap costs the two threads that a part goes through: the gate thread hands over each
// decision, the inference thread the outputs of four windows and a frame.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <vector>

#include "record/part_tap.h"
#include "station/frame_holders.h"

namespace taktgate::record {
namespace {

// The outputs of the demo's release: 8 labels; embedding, channel means and class map.
constexpr std::size_t kLogits = 4 * 8;
constexpr std::size_t kExtraBytes = 4 * (576 + 16 + 4);

class Busy final : public PartConsumer {
 public:
  void OnInspected(const InspectedPart& part) override { seen += part.logits.size(); }
  void OnDecided(const gate::Decision&) override { ++seen; }
  std::uint64_t seen = 0;
};

constexpr std::size_t kBatch = 64;

// Times a batch of hand-overs into a tap that has room for all of them and whose thread does not
// run, so that none is dropped and none is taken meanwhile.
template <typename HandOver>
void TimeBatches(benchmark::State& state, const HandOver& hand_over) {
  for ([[maybe_unused]] auto _ : state) {
    Busy busy;
    PartTap tap({.logits = kLogits, .extra_bytes = kExtraBytes, .frames = kBatch}, busy,
                [](const image::Frame&) {});
    const auto start = std::chrono::steady_clock::now();
    for (std::uint64_t part = 1; part <= kBatch; ++part) hand_over(tap, part);
    const auto took = std::chrono::steady_clock::now() - start;
    state.SetIterationTime(std::chrono::duration<double>(took).count() / kBatch);
    if (tap.dropped() != 0) state.SkipWithError("parts were dropped");
  }
}

void BM_HandOverDecision(benchmark::State& state) {
  gate::Decision decision;
  TimeBatches(state, [&](PartTap& tap, std::uint64_t part) {
    decision.part.sequence = part;
    tap.Decided(decision);
  });
}
BENCHMARK(BM_HandOverDecision)->UseManualTime()->Iterations(2000);

// Held, copied and the consumer told, as for each part that it gets.
void BM_HandOverInspected(benchmark::State& state) {
  station::FrameHolders holders;
  const std::vector<float> logits(kLogits, 1.0F);
  const std::vector<std::uint8_t> extra(kExtraBytes, 1);
  InspectedPart inspected{{1, 0}, 1, {}, logits, extra};
  TimeBatches(state, [&](PartTap& tap, std::uint64_t part) {
    inspected.part.sequence = part;
    if (!tap.WantsNext()) return;
    holders.Add(inspected.frame.slot);
    tap.Inspected(inspected);
  });
}
BENCHMARK(BM_HandOverInspected)->UseManualTime()->Iterations(2000);

// While the consumer holds all it may.
void BM_PassBy(benchmark::State& state) {
  Busy busy;
  PartTap tap({.frames = 1}, busy, [](const image::Frame&) {});
  InspectedPart part{{1, 1}, 1, {}, {}, {}};
  tap.Inspected(part);  // nobody takes it
  for ([[maybe_unused]] auto _ : state) {
    ++part.part.sequence;
    if (!tap.WantsNext()) tap.PassBy(part.part);
  }
}
BENCHMARK(BM_PassBy);

}  // namespace
}  // namespace taktgate::record

BENCHMARK_MAIN();
