// What it costs the gate thread to show what a PLC may read, and a reader to read it.
#include <benchmark/benchmark.h>

#include <cstdint>

#include "gate/line_view.h"

namespace taktgate::gate {
namespace {

Decision AnyDecision(std::uint64_t sequence) {
  Decision decision;
  decision.part = {1, sequence};
  decision.has_answer = true;
  return decision;
}

// A part: its decision is told and the view is shown.
void BM_ShowDecision(benchmark::State& state) {
  LineViewKeeper keeper;
  Counts counts;
  Decision decision = AnyDecision(1);
  for ([[maybe_unused]] auto _ : state) {
    decision.part.sequence = ++counts.parts;
    keeper.OnDecision(decision);
    keeper.Show(State::kContinuousExecution, Severity::kCalm, counts);
  }
  benchmark::DoNotOptimize(keeper.seen().changes());
}
BENCHMARK(BM_ShowDecision);

// An event that changes nothing, such as a count of the encoder.
void BM_ShowNothingNew(benchmark::State& state) {
  LineViewKeeper keeper;
  Counts counts;
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(counts);
    keeper.Show(State::kContinuousExecution, Severity::kCalm, counts);
  }
}
BENCHMARK(BM_ShowNothingNew);

void BM_Read(benchmark::State& state) {
  LineViewKeeper keeper;
  keeper.OnDecision(AnyDecision(1));
  keeper.Show(State::kContinuousExecution, Severity::kCalm, {});
  for ([[maybe_unused]] auto _ : state) {
    const LineView view = keeper.seen().Read();
    benchmark::DoNotOptimize(&view);
  }
}
BENCHMARK(BM_Read);

}  // namespace
}  // namespace taktgate::gate

BENCHMARK_MAIN();
