// What one event costs the thread that decides, without and with the event log of incidents,
// and that it allocates nothing. A part is four events: edge, frame, answer, timer.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <vector>

#include "gate/gate.h"
#include "gate/ledger.h"
#include "gate/recorded_gate.h"

namespace {

std::uint64_t allocations = 0;  // of this program, which has one thread

}  // namespace

extern "C" {
void* __libc_malloc(std::size_t size);
void* malloc(std::size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
}

namespace taktgate::gate {
namespace {

class Outputs final : public GateOutputs {
 public:
  void StartInference(PartId part, std::uint32_t) override { asked = part; }
  void Decided(const Decision& decision) override { ledger.Add(decision); }

  PartId asked{};
  Ledger ledger{1024};
};

GateSettings SettingsOf(std::int64_t parts_in_flight) {
  GateSettings settings;
  if (parts_in_flight == 1) return settings;
  constexpr std::int64_t kMs = 1'000'000;
  settings.belt = {
      BeltMode::kByTime, 10 * kMs * parts_in_flight, 2 * kMs, 3 * kMs, 9 * kMs, 20, {}};
  return settings;
}

// Each event is timed alone; the clock's own cost is in it.
template <typename AnyGate>
void TimeEvents(benchmark::State& state, Outputs& outputs, AnyGate& gate) {
  for (const Command command :
       {Command::kInitialize, Command::kPrepare, Command::kStartContinuous}) {
    gate.On(gate::event::Command{command, {}, {}});
  }
  std::vector<double> nanos;
  nanos.reserve(40'000'000);
  Answer pass;
  pass.verdict = judge::Verdict::kPass;
  TimePoint edge(std::chrono::milliseconds(1));
  std::uint64_t frame = 0;
  const auto timed = [&nanos](auto event) {
    const auto start = std::chrono::steady_clock::now();
    event();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    if (nanos.size() < nanos.capacity()) nanos.push_back(took.count());
  };
  const std::uint64_t before = allocations;
  for ([[maybe_unused]] auto _ : state) {
    const TimePoint there = edge + std::chrono::microseconds(2500);
    timed([&] { gate.On(gate::event::Trigger{0, edge, edge}); });
    timed([&] { gate.On(gate::event::Frame{{frame++, there, there, false, 0}, there}); });
    timed([&] {
      gate.On(gate::event::Answered{outputs.asked, pass, edge + std::chrono::milliseconds(4)});
    });
    timed([&] { gate.On(gate::event::Time{edge + std::chrono::microseconds(9500)}); });
    edge += std::chrono::milliseconds(10);
  }
  state.counters["allocations"] = static_cast<double>(allocations - before);
  state.counters["released"] = static_cast<double>(gate.counts().released);
  const auto at = [&nanos](double share) {
    const auto nth =
        nanos.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(nanos.size() - 1));
    std::nth_element(nanos.begin(), nth, nanos.end());
    return *nth;
  };
  state.counters["p50_ns"] = at(0.5);
  state.counters["p99_ns"] = at(0.99);
  state.counters["p9999_ns"] = at(0.9999);  // a new stretch of the log is among these
  state.SetItemsProcessed(4 * state.iterations());
}

void BM_GateEvent(benchmark::State& state) {
  Outputs outputs;
  Gate gate(SettingsOf(state.range(0)), outputs);
  TimeEvents(state, outputs, gate);
}
BENCHMARK(BM_GateEvent)->Arg(1)->Arg(8);

void BM_RecordedGateEvent(benchmark::State& state) {
  const GateSettings settings = SettingsOf(state.range(0));
  Outputs outputs;
  EventLog log(settings);
  RecordedGate gate(settings, outputs, &log);
  TimeEvents(state, outputs, gate);
}
BENCHMARK(BM_RecordedGateEvent)->Arg(1)->Arg(8);

// The gate's whole state into the log: once per megabyte of events.
void BM_Checkpoint(benchmark::State& state) {
  Outputs outputs;
  Gate gate(SettingsOf(state.range(0)), outputs);
  std::vector<std::uint8_t> bytes(1 << 20);
  for ([[maybe_unused]] auto _ : state) {
    StateWriter writer(bytes);
    writer(gate);
    state.counters["bytes"] = static_cast<double>(writer.size());
  }
}
BENCHMARK(BM_Checkpoint)->Arg(1)->Arg(8);

}  // namespace
}  // namespace taktgate::gate

BENCHMARK_MAIN();
