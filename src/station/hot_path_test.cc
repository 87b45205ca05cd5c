// The thread that decides allocates nothing: every allocation of this program is counted per
// thread while armed, over 100,000 parts replayed as fast as they are decided.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <thread>

#include "base/spsc_ring.h"
#include "base/test_allocations.h"
#include "base/test_tree.h"
#include "gate/ledger.h"
#include "gate/recorded_gate.h"
#include "incident/incident_recorder.h"
#include "infer/test_network.h"
#include "inspect/test_release.h"
#include "line/replay.h"
#include "line/shared/shared_devices.h"
#include "line/shared/shared_host.h"
#include "record/records.h"
#include "record/test_releases.h"
#include "station/errands.h"
#include "station/station.h"

namespace taktgate::station {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using taktgate::testing::allocations;
using taktgate::testing::armed;
using taktgate::testing::CountedThread;

// What the gate thread does with outputs, without other threads: ledger, records, jobs.
class Outputs : public gate::GateOutputs {
 public:
  void StartInference(gate::PartId part, std::uint32_t) override { jobs.Push(part); }
  void Decided(const gate::Decision& decision) override {
    ledger.Add(decision);
    records.Push({record::Record::Kind::kDecision, decision, {}});
  }
  void LateAnswer(gate::PartId, const gate::Answer&) override { ++late; }

  DroppingSpscRing<gate::PartId> jobs{4};
  DroppingSpscRing<record::Record> records{1024};
  gate::Ledger ledger{4096};
  std::uint64_t late = 0;
};

TEST(HotPath, TheHookSeesAllocations) {
#ifdef TAKTGATE_SANITIZED
  GTEST_SKIP() << "a sanitizer owns malloc in this build";
#endif
  const CountedThread counted;
  int* volatile kept = new int(1);  // volatile, or the compiler may leave the pair out
  delete kept;
  EXPECT_GT(allocations, 0U);
}

TEST(HotPath, AnInspectionByTheInt8EngineAllocatesNothing) {
  bundle::Release release = infer::testing::NetworkRelease();
  release.recipe.windows = {{"as it is", {0, 0, 6, 8}}, {"resized", {10, 4, 30, 20}}};
  const auto inspector = inspect::Inspector::Create(std::move(release)).value();
  image::Image frame;
  frame.width = 64;
  frame.height = 48;
  frame.format = image::PixelFormat::kRgb8;
  frame.pixels.assign(64 * 48 * 3, 77);
  inspector->Inspect(frame.View());
  const CountedThread counted;
  for (int part = 0; part < 1000; ++part) {
    ASSERT_EQ(inspector->Inspect(frame.View()).judged, 2U);
  }
  EXPECT_EQ(allocations, 0U);
}

TEST(HotPath, TheDecidingThreadAllocatesNothingOverAHundredThousandParts) {
  Outputs outputs;
  gate::EventLog log(StationSettings{}.gate);
  gate::RecordedGate gate(StationSettings{}.gate, outputs, &log);
  gate.On(gate::event::Command{gate::Command::kInitialize, {}, {}});
  gate.On(gate::event::Command{gate::Command::kPrepare, {}, {}});
  gate.On(gate::event::Command{gate::Command::kStartContinuous, {}, {}});
  auto inspector = inspect::testing::SmallInspector();
  const image::Image frame = inspect::testing::SmallFrame(10, 20);
  inspector->Inspect(frame.View());
  const CountedThread counted;
  TimePoint now(milliseconds(1));
  for (std::uint64_t k = 0; k < 100'000; ++k) {
    gate.On(gate::event::Trigger{0, now, now});
    if (k % 7 != 3) {
      gate.On(gate::event::Frame{{k, now + milliseconds(2), now + milliseconds(2), k % 11 == 5, 0},
                                 now + milliseconds(2)});
    }
    if (const auto part = outputs.jobs.Pop()) {
      gate::Answer answer;
      answer.verdict = inspector->Inspect(frame.View()).part.verdict;
      gate.On(gate::event::Answered{*part, answer, now + milliseconds(k % 13 == 6 ? 9 : 4)});
    }
    outputs.records.Pop();
    now += milliseconds(10);
    gate.On(gate::event::Time{now});
  }
  EXPECT_EQ(allocations, 0U);
  EXPECT_EQ(outputs.ledger.count(), 100'000U);
  EXPECT_GT(outputs.ledger.released(), 50'000U);
  EXPECT_GT(outputs.late, 0U);
}

TEST(HotPath, ARunThatKeepsTheModelWarmAllocatesNothing) {
  auto inspector = inspect::testing::SmallInspector();
  VirtualClock clock;
  const LoadedRelease release{1, inspector.get(), {}};
  ReleaseSlot slot(release);
  KeepWarm keep_warm(milliseconds(1), inspect::testing::SmallFrame(10, 20), slot, clock);
  const CountedThread counted;
  for (int run = 0; run < 100; ++run) {
    clock.Advance(milliseconds(1));
    keep_warm.RunIfDue();
  }
  EXPECT_EQ(allocations, 0U);
  EXPECT_EQ(keep_warm.runs(), 100U);
}

TEST(HotPath, ErrandsAllocateNothing) {
  VirtualClock clock;
  EventSignal gate_signal;
  const std::atomic<bool> running{true};
  Errands<int, int> errands(clock, gate_signal, running);
  int done = 0;
  const CountedThread counted;
  for (int k = 0; k < 1000; ++k) {
    errands.Tell(k);
    if (k % 3 == 0) errands.Withdraw();
    if (const auto request = errands.Claim()) errands.Finish(*request);
    if (errands.Answered()) ++done;
  }
  EXPECT_EQ(allocations, 0U);
  EXPECT_EQ(done, 666);
}

// The gate thread shows a view after every event, and gives buffers back to cameras.
TEST(HotPath, ShowingAndReadingTheViewAllocatesNothing) {
  gate::LineViewKeeper keeper;
  gate::Decision decision;
  gate::Counts counts;
  const CountedThread counted;
  for (int part = 0; part < 1000; ++part) {
    decision.part.sequence = ++counts.parts;
    keeper.OnDecision(decision);
    keeper.OnAlarm({gate::AlarmKind::kRejectRate, gate::Severity::kWarn, decision.part});
    keeper.Show(gate::State::kContinuousExecution, gate::Severity::kWarn, counts);
    EXPECT_EQ(keeper.seen().Read().last.part, decision.part);
  }
  EXPECT_EQ(allocations, 0U);
  EXPECT_EQ(keeper.seen().changes(), 1000U);
}

TEST(HotPath, ABufferGoesBackToItsCameraWithoutAllocation) {
  VirtualClock clock;
  const auto camera = *line::ReplayCamera::Open(
      {}, clock, *line::MemorySource::Create({inspect::testing::SmallFrame(10, 20)}));
  ASSERT_TRUE(camera->Start(TimePoint{}));
  const taktgate::testing::Tree tree;
  const auto host = *line::SharedHost::Create(tree.root() / "line", {64, 48});
  const auto place = *line::SharedStation::Attach(tree.root() / "line", clock);
  line::SharedCamera shared(*place);
  ASSERT_TRUE(shared.Start(TimePoint{}));
  for (int part = 0; part < 20; ++part) {
    ASSERT_NE(host->PixelsOfNext(), nullptr) << "every buffer has come back";
    host->TellFrame({}, image::FrameStatus::kComplete);
    image::Frame replayed, handed_on;
    ASSERT_EQ(camera->Next(TimePoint(std::chrono::hours(1)), replayed), line::Wait::kReady);
    ASSERT_EQ(shared.Next(TimePoint(std::chrono::hours(1)), handed_on), line::Wait::kReady);
    const CountedThread counted;
    camera->Release(replayed);
    shared.Release(handed_on);
    EXPECT_EQ(allocations, 0U);
  }
}

// Counts on the thread that sets the output: the station's gate thread, from its first level on.
class CountingOutput : public line::Output {
 public:
  bool Set(OutputLine, bool, TimePoint, TimePoint) override {
    if (std::this_thread::get_id() == owner_) return true;
    counted = allocations;
    armed = true;
    return true;
  }
  std::atomic<std::uint64_t> counted{0};

 private:
  const std::thread::id owner_ = std::this_thread::get_id();
};

class Looker final : public record::PartConsumer {
 public:
  void OnInspected(const record::InspectedPart& part) override {
    inspected += part.logits.size() == 4 ? 1U : 0U;
  }
  void OnDecided(const gate::Decision&) override { ++decided; }
  std::uint64_t inspected = 0;
  std::uint64_t decided = 0;
};

TEST(HotPath, TheStationsGateThreadAllocatesNothingOnceItDecides) {
  Looker looker;
  MonotonicClock clock;
  line::Schedule schedule;
  schedule.parts = 400;
  schedule.period = milliseconds(2);
  schedule.acquisition_delay = microseconds(200);
  schedule.acquisition_jitter = Duration(0);
  std::atomic<std::uint64_t> of_inference{0};
  const auto counted_run = [&](auto input, auto logits, const auto& terminate) {
    of_inference = allocations;
    armed = true;
    return inspect::testing::SayBadWhenBright(input, logits, terminate);
  };
  auto inspector = inspect::testing::SmallInspector(counted_run);
  auto other = inspect::testing::SmallInspector(counted_run);
  line::ReplayTrigger trigger(schedule, clock);
  const auto camera = *line::ReplayCamera::Open(
      schedule, clock, *line::MemorySource::Create({inspect::testing::SmallFrame(10, 20)}));
  CountingOutput output;
  record::RecordQueue records(4096, {});
  StationSettings settings;
  settings.gate.window = microseconds(1500);
  settings.gate.pass_hold = microseconds(200);
  settings.gate.capture_until = microseconds(1500);
  settings.gate.inference_reserve = Duration(0);
  settings.lock_memory = false;
  settings.realtime_threads = false;
  settings.keep_warm = microseconds(100);
  settings.warm_frame = inspect::testing::SmallFrame(10, 20);
  taktgate::testing::Tree tree;
  incident::IncidentRecorder incidents(
      {tree.root(), 4, 1}, settings.gate, {}, 64 * 48, [](auto) {},
      record::testing::SmallReleases());
  Station station(
      settings, clock, {trigger, *camera, output}, *inspector, records, [](auto) {},
      Keeping{.incidents = &incidents, .looks_at_parts = &looker});
  records.Start();
  incidents.Start();
  ASSERT_TRUE(station.Start(milliseconds(5)));
  station.RequestIncident();
  const LoadedRelease first{1, inspector.get(), {}}, second{2, other.get(), {}};
  for (int swap = 0; swap < 20; ++swap) {
    const auto changed = station.ChangeRelease(swap % 2 == 0 ? second : first, {});
    EXPECT_TRUE(changed || !station.running()) << changed.error().message;
  }
  ASSERT_TRUE(station.Wait());
  EXPECT_GT(station.release_changes(), 0U);
  EXPECT_TRUE(records.Stop());
  EXPECT_TRUE(incidents.Stop());
  EXPECT_EQ(incidents.written(), 1U);
  EXPECT_EQ(station.parts(), 400U);
  EXPECT_EQ(output.counted, 0U);
  EXPECT_EQ(of_inference, 0U);
  EXPECT_GT(looker.inspected, 0U);
  EXPECT_GE(looker.decided + station.parts_not_seen(), 400U);
}

}  // namespace
}  // namespace taktgate::station
