// Releases that are swapped again and again under a running line, with all its threads: each part
// is judged by the release that was in force at its edge, and none is freed too early.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "base/event_signal.h"
#include "base/test_form.h"
#include "inspect/test_release.h"
#include "line/memory_output.h"
#include "line/replay.h"
#include "station/station.h"

namespace taktgate::station {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

class SwapSink : public record::RecordSink {
 public:
  void Write(const record::Record& record) override {
    records.push_back(record);
    if (record.kind == record::Record::Kind::kDecision) decided.Notify();
  }
  std::vector<record::Record> records;  // for the test when the queue has stopped
  EventSignal decided;
};

// The parts are good; a release with an even number calls them bad.
std::unique_ptr<inspect::Inspector> ModelOf(std::uint32_t number) {
  const float good = number % 2 == 1 ? 4.0F : -4.0F;
  return inspect::testing::SmallInspector([good](auto, auto logits, const auto&) {
    logits[0] = good;
    logits[1] = -good;
    return infer::RunOutcome::kDone;
  });
}

struct Swap {
  TimePoint asked{};
  TimePoint done{};
};

class ReleaseSwaps : public ::testing::Test {
 protected:
  ReleaseSwaps() {
    // 200 parts a second, and a moment without one between any two.
    schedule.parts = 1'000'000;
    schedule.period = milliseconds(5);
    schedule.acquisition_delay = microseconds(500);
    schedule.acquisition_jitter = Duration(0);
    settings.gate.window = milliseconds(3);
    settings.gate.pass_hold = microseconds(500);
    settings.gate.capture_until = milliseconds(3);
    settings.gate.inference_reserve = Duration(0);
    settings.lock_memory = false;
    settings.realtime_threads = false;
    settings.keep_warm = microseconds(700);
    settings.warm_frame = inspect::testing::SmallFrame(10, 20);
  }

  struct Kept {
    std::unique_ptr<inspect::Inspector> inspector;
    LoadedRelease loaded;
  };
  // One release after the other, each with a number of its own; what is not used is freed.
  // A part at least lies between two swaps.
  void SwapAgainAndAgain(Station& station, std::uint32_t swaps, EventSignal& decided) {
    std::deque<std::unique_ptr<Kept>> kept;
    for (std::uint32_t number = 2; number <= swaps + 1; ++number) {
      auto next = std::make_unique<Kept>(Kept{ModelOf(number), {number, nullptr, Duration(0)}});
      next->loaded.inspector = next->inspector.get();
      decided.Wait();
      const TimePoint asked = clock.Now();
      const auto changed = station.ChangeRelease(next->loaded, {});
      kept.push_back(std::move(next));
      ASSERT_TRUE(changed) << changed.error().message;
      EXPECT_EQ(changed->station.release, number);
      done.push_back({asked, clock.Now()});
      std::erase_if(kept, [&](const auto& one) { return !station.Uses(one->loaded); });
      EXPECT_LE(kept.size(), 3U);
    }
    station.RequestStop();
    ASSERT_TRUE(station.Wait());
  }

  MonotonicClock clock;
  line::Schedule schedule;
  StationSettings settings;
  std::vector<Swap> done;  // of number 2, 3, ...
};

TEST_F(ReleaseSwaps, EachPartIsJudgedByTheReleaseThatWasInForceAtItsEdge) {
  const auto swaps = static_cast<std::uint32_t>(
      taktgate::testing::Form("swaps of the release under a running line", 100, 1000));
  auto inspector = ModelOf(1);
  line::ReplayTrigger trigger(schedule, clock);
  const auto camera = *line::ReplayCamera::Open(
      schedule, clock, *line::MemorySource::Create({inspect::testing::SmallFrame(10, 20)}));
  line::MemoryOutput output;
  SwapSink sink;
  record::RecordQueue records(1 << 16, {&sink});
  Station station(settings, clock, {trigger, *camera, output}, *inspector, records, [](auto) {});
  records.Start();
  ASSERT_TRUE(station.Start(milliseconds(5)));
  SwapAgainAndAgain(station, swaps, sink.decided);
  ASSERT_TRUE(records.Stop());
  EXPECT_EQ(records.dropped(), 0U);
  EXPECT_EQ(station.release_changes(), swaps);

  std::vector<gate::Decision> decisions;
  std::uint64_t answered = 0, cut = 0;
  for (const record::Record& record : sink.records) {
    if (record.kind == record::Record::Kind::kDecision) decisions.push_back(record.decision);
    if (record.kind == record::Record::Kind::kPassCutShort) ++cut;
    if (record.kind != record::Record::Kind::kLateAnswer) continue;
    const gate::Decision& late = record.decision;
    if (late.answer.verdict == judge::Verdict::kUnknown) continue;  // was told to stop
    EXPECT_EQ(late.answer.verdict == judge::Verdict::kPass, late.release % 2 == 1);
  }
  std::sort(decisions.begin(), decisions.end(),
            [](const auto& a, const auto& b) { return a.part.sequence < b.part.sequence; });
  ASSERT_EQ(decisions.size(), station.parts());
  EXPECT_GE(decisions.size(), swaps);
  std::uint64_t sequence = 0;
  std::uint32_t last = 1;
  for (const gate::Decision& decision : decisions) {
    EXPECT_EQ(decision.part.sequence, ++sequence) << "each part once";
    EXPECT_GE(decision.release, std::exchange(last, decision.release));
    ASSERT_LE(decision.release, swaps + 1);
    // Numbers 2 to `release` were asked for before it was decided, the next was not done before
    // its edge.
    if (decision.release > 1) {
      EXPECT_GE(decision.issued_at, done[decision.release - 2].asked);
    }
    if (decision.release <= swaps) {
      EXPECT_LE(decision.trigger_at, done[decision.release - 1].done);
    }
    if (!decision.has_answer || decision.answer.reason == judge::Reason::kModelError) continue;
    ++answered;
    EXPECT_EQ(decision.answer.verdict == judge::Verdict::kPass, decision.release % 2 == 1)
        << decision.part.sequence << " of release " << decision.release;
    EXPECT_FALSE(decision.released && decision.release % 2 == 0);
  }
  std::printf("%u swaps: %zu parts, %llu answered, %llu cut off, %llu PASS cut short\n", swaps,
              decisions.size(), static_cast<unsigned long long>(answered),
              static_cast<unsigned long long>(station.parts_cut_off()),
              static_cast<unsigned long long>(cut));
}

}  // namespace
}  // namespace taktgate::station
