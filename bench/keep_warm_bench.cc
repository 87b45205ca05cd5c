// The first inspection behind a pause of the line: as it is, and with the model kept warm every
// 200 ms, in turns. "busy" is an inspection right behind others. A pause under 200 ms is a control:
// there is nothing to keep warm. Most of the time this program sleeps.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "bundle/read_bundle.h"
#include "station/inspector.h"
#include "station/realtime.h"
#include "station/reserve.h"

namespace taktgate::station {
namespace {

using std::chrono::milliseconds;

constexpr char kBundle[] = "demo/demo.tgb";  // from the root of the tree
constexpr auto kKeepWarm = milliseconds(200);

double Milliseconds(Duration time) { return static_cast<double>(time.count()) / 1e6; }

double Median(std::vector<Duration> times) {
  std::sort(times.begin(), times.end());
  return Milliseconds(times[times.size() / 2]);
}

struct FirstRuns {
  std::vector<Duration> busy, cold, warm;
};

class Line {
 public:
  Line(std::unique_ptr<Inspector> inspector, image::Image frame)
      : inspector_(std::move(inspector)), frame_(std::move(frame)) {}

  // A few parts, a pause, and the part behind it.
  void Measure(Duration pause, bool keep_warm, FirstRuns& runs) {
    for (int part = 0; part < 10; ++part) runs.busy.push_back(InspectOne());
    const TimePoint end = clock_.Now() + pause;
    while (keep_warm && clock_.Now() + kKeepWarm < end) {
      clock_.SleepUntil(clock_.Now() + kKeepWarm);
      inspector_->Exercise(frame_.View());
    }
    clock_.SleepUntil(end);
    (keep_warm ? runs.warm : runs.cold).push_back(InspectOne());
  }

 private:
  Duration InspectOne() {
    const TimePoint start = clock_.Now();
    inspector_->Inspect(frame_.View());
    return clock_.Now() - start;
  }

  MonotonicClock clock_;
  std::unique_ptr<Inspector> inspector_;
  image::Image frame_;
};

std::unique_ptr<Line> MakeLine() {
  auto release = bundle::ReadBundleFile(kBundle);
  if (!release) return nullptr;
  auto inspector = Inspector::Create(std::move(*release), infer::OnnxSettings{});
  if (!inspector) return nullptr;
  const image::Image frame = TrialFrame(**inspector, 192, 192, image::PixelFormat::kGrey8);
  if (!(*inspector)->CheckFrame(frame.width, frame.height)) return nullptr;
  return std::make_unique<Line>(std::move(*inspector), frame);
}

void BM_FirstPartBehindAPause(benchmark::State& state) {
  const auto line = MakeLine();
  if (!line) {
    state.SkipWithError("expected demo/demo.tgb, it cannot be loaded; run in the tree's root");
    return;
  }
  (void)LockMemory();
  (void)MakeThisThreadRealtime(60);
  FirstRuns runs;
  int round = 0;
  for ([[maybe_unused]] auto _ : state) {
    // Another phase each time, so that no run to keep warm is always just ahead of the part.
    const Duration pause = milliseconds(state.range(0) + round * 37 % 100);
    const bool warm_first = round++ % 2 == 0;
    line->Measure(pause, warm_first, runs);
    line->Measure(pause, !warm_first, runs);
  }
  state.counters["busy_p50_ms"] = Median(runs.busy);
  state.counters["cold_p50_ms"] = Median(runs.cold);
  state.counters["warm_p50_ms"] = Median(runs.warm);
  state.counters["cold_max_ms"] =
      Milliseconds(*std::max_element(runs.cold.begin(), runs.cold.end()));
  state.counters["warm_max_ms"] =
      Milliseconds(*std::max_element(runs.warm.begin(), runs.warm.end()));
  state.counters["cold/warm"] = Median(runs.cold) / Median(runs.warm);
}
BENCHMARK(BM_FirstPartBehindAPause)->ArgName("pause_ms")->Arg(50)->Iterations(100);
BENCHMARK(BM_FirstPartBehindAPause)->ArgName("pause_ms")->Arg(500)->Iterations(30);
BENCHMARK(BM_FirstPartBehindAPause)->ArgName("pause_ms")->Arg(2'000)->Iterations(12);
BENCHMARK(BM_FirstPartBehindAPause)->ArgName("pause_ms")->Arg(10'000)->Iterations(5);

}  // namespace
}  // namespace taktgate::station

BENCHMARK_MAIN();
