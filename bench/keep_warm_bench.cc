// The first inspection after a pause of the line: with the model not kept warm ("off"), and kept
// warm at some intervals, in turns. "busy" is an inspection of a line with 100 parts a second. An
// interval longer than the pause is a control. Most of the time this program sleeps.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bundle/read_bundle.h"
#include "inspect/inspector.h"
#include "inspect/reserve.h"
#include "station/keep_warm.h"
#include "station/realtime.h"

namespace taktgate::station {
namespace {

using std::chrono::milliseconds;

constexpr char kBundle[] = "demo/demo.tgb";  // from the root of the tree
constexpr char kNoBundle[] = "expected demo/demo.tgb, it cannot be loaded; run in the tree's root";
constexpr auto kBusyPeriod = milliseconds(10);
// The pause between runs to keep warm; zero: off.
constexpr std::array<milliseconds, 4> kIntervals = {milliseconds(0), milliseconds(10),
                                                    milliseconds(50), milliseconds(200)};

double Milliseconds(Duration time) { return static_cast<double>(time.count()) / 1e6; }

double Median(std::vector<Duration> times) {
  std::sort(times.begin(), times.end());
  return Milliseconds(times[times.size() / 2]);
}

struct FirstRuns {
  std::vector<Duration> busy;
  std::array<std::vector<Duration>, kIntervals.size()> after_pause;
};

class Line {
 public:
  explicit Line(std::unique_ptr<inspect::Inspector> inspector)
      : inspector_(std::move(inspector)),
        frame_(inspect::TrialFrame(*inspector_, 192, 192, image::PixelFormat::kGrey8)) {}

  // A few parts, a pause, and the part after it.
  void Measure(Duration pause, std::size_t interval, FirstRuns& runs) {
    for (int part = 0; part < 10; ++part) {
      clock_.SleepUntil(clock_.Now() + kBusyPeriod);
      runs.busy.push_back(InspectOne());
    }
    const Duration every = kIntervals[interval];
    const TimePoint end = clock_.Now() + pause;
    while (every > Duration(0) && clock_.Now() + every < end) {
      clock_.SleepUntil(clock_.Now() + every);
      inspector_->Exercise(frame_.View());
    }
    clock_.SleepUntil(end);
    runs.after_pause[interval].push_back(InspectOne());
  }

 private:
  Duration InspectOne() {
    const TimePoint start = clock_.Now();
    inspector_->Inspect(frame_.View());
    return clock_.Now() - start;
  }

  MonotonicClock clock_;
  std::unique_ptr<inspect::Inspector> inspector_;
  image::Image frame_;
};

std::unique_ptr<inspect::Inspector> MakeInspector() {
  auto release = bundle::ReadBundleFile(kBundle);
  if (!release) return nullptr;
  auto inspector = inspect::Inspector::Create(std::move(*release));
  return inspector ? std::move(*inspector) : nullptr;
}

void BM_FirstPartAfterAPause(benchmark::State& state) {
  auto inspector = MakeInspector();
  if (!inspector) {
    state.SkipWithError(kNoBundle);
    return;
  }
  Line line(std::move(inspector));
  (void)LockMemory();
  (void)MakeThisThreadRealtime(60);
  FirstRuns runs;
  std::size_t round = 0;
  for ([[maybe_unused]] auto _ : state) {
    // Another phase each time, so that no run to keep warm is always just ahead of the part.
    const Duration pause = milliseconds(state.range(0)) + milliseconds(round * 37 % 100);
    for (std::size_t turn = 0; turn < kIntervals.size(); ++turn) {
      line.Measure(pause, (round + turn) % kIntervals.size(), runs);
    }
    ++round;
  }
  state.counters["busy_p50_ms"] = Median(runs.busy);
  for (std::size_t k = 0; k < kIntervals.size(); ++k) {
    const std::string name = k == 0 ? "off" : "every_" + std::to_string(kIntervals[k].count());
    const double median = Median(runs.after_pause[k]);
    state.counters[name + "_p50_ms"] = median;
    if (k > 0) state.counters["off/" + name] = Median(runs.after_pause[0]) / median;
  }
}
BENCHMARK(BM_FirstPartAfterAPause)->ArgName("pause_ms")->Arg(50)->Iterations(60);
BENCHMARK(BM_FirstPartAfterAPause)->ArgName("pause_ms")->Arg(500)->Iterations(30);
BENCHMARK(BM_FirstPartAfterAPause)->ArgName("pause_ms")->Arg(2'000)->Iterations(15);
BENCHMARK(BM_FirstPartAfterAPause)->ArgName("pause_ms")->Arg(10'000)->Iterations(6);

// How long the inference thread is away after the edge that ends such a run, wherever in the run
// the edge comes.
void BM_EndOfARunToKeepWarm(benchmark::State& state) {
  auto inspector = MakeInspector();
  if (!inspector) {
    state.SkipWithError(kNoBundle);
    return;
  }
  (void)LockMemory();
  (void)MakeThisThreadRealtime(80);  // as the gate thread
  MonotonicClock clock;
  const LoadedRelease release{1, inspector.get(), {}};
  ReleaseSlot slot(release);
  KeepWarm keep_warm(std::chrono::nanoseconds(1),
                     inspect::TrialFrame(*inspector, 192, 192, image::PixelFormat::kGrey8), slot,
                     clock);
  std::vector<Duration> away;
  std::int64_t round = 0;
  for ([[maybe_unused]] auto _ : state) {
    keep_warm.NoPartInFlight();
    TimePoint back;
    std::thread inference([&] {
      (void)MakeThisThreadRealtime(60);
      keep_warm.RunIfDue();
      back = clock.Now();
    });
    clock.SleepUntil(clock.Now() + std::chrono::microseconds(200 + round++ * 37 % 1500));
    const TimePoint edge = clock.Now();
    keep_warm.PartCame();
    inference.join();
    away.push_back(std::max(Duration(0), back - edge));
  }
  std::sort(away.begin(), away.end());
  const auto at = [&away](double share) {
    const auto last = static_cast<double>(away.size() - 1);
    return Milliseconds(away[static_cast<std::size_t>(share * last)]);
  };
  state.counters["away_p50_ms"] = at(0.5);
  state.counters["away_p99_ms"] = at(0.99);
  state.counters["away_max_ms"] = at(1.0);
}
BENCHMARK(BM_EndOfARunToKeepWarm)->Iterations(1000);

}  // namespace
}  // namespace taktgate::station

BENCHMARK_MAIN();
