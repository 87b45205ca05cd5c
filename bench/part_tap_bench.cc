// What the tap costs the two threads that a part goes through: the gate thread hands over each
// decision, the inference thread the outputs of four windows and a frame. A consumer takes them
// meanwhile, on a thread of its own, which is part of the machine's load but not of these times.
#include <benchmark/benchmark.h>

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

void BM_HandOverDecision(benchmark::State& state) {
  Busy busy;
  PartTap tap({.decisions = 1 << 16}, busy, [](const image::Frame&) {});
  tap.Start();
  gate::Decision decision;
  decision.has_answer = false;
  for ([[maybe_unused]] auto _ : state) {
    ++decision.part.sequence;
    tap.Decided(decision);
  }
  state.counters["dropped"] = static_cast<double>(tap.dropped());
}
BENCHMARK(BM_HandOverDecision);

// Held, copied and the consumer woken, as for each part that it gets.
void BM_HandOverInspected(benchmark::State& state) {
  Busy busy;
  station::FrameHolders holders;
  PartTap tap({.logits = kLogits, .extra_bytes = kExtraBytes, .frames = 64}, busy,
              [&](const image::Frame& frame) { holders.LetGo(frame.slot); });
  tap.Start();
  const std::vector<float> logits(kLogits, 1.0F);
  const std::vector<std::uint8_t> extra(kExtraBytes, 1);
  InspectedPart part{{1, 0}, 1, {}, logits, extra};
  for ([[maybe_unused]] auto _ : state) {
    ++part.part.sequence;
    if (tap.WantsNext()) {
      holders.Add(part.frame.slot);
      tap.Inspected(part);
    } else {
      tap.PassBy(part.part);
    }
  }
  state.counters["dropped"] = static_cast<double>(tap.dropped());
}
BENCHMARK(BM_HandOverInspected);

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
