#include "station/station.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/test_wait.h"
#include "inspect/test_release.h"
#include "line/memory_output.h"
#include "line/replay.h"
#include "station/test_edge_first.h"

namespace taktgate::station {
namespace {

using judge::Reason;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using taktgate::testing::Comes;

class KeepingSink : public record::RecordSink {
 public:
  void Write(const record::Record& record) override {
    records.push_back(record);
    ++written;
  }
  std::vector<record::Record> records;  // for the test when the queue has stopped
  std::atomic<int> written{0};
};

class BrokenOutput : public line::Output {
 public:
  explicit BrokenOutput(bool refused) : refused_(refused) {}
  bool Set(OutputLine line, bool energised, TimePoint, TimePoint) override {
    return line != OutputLine::kPass || energised != refused_;
  }

 private:
  const bool refused_;
};

// Reports edges, but only after the gate thread has ended.
class EdgeAfterTheEnd : public line::Trigger {
 public:
  Status Start(TimePoint at) override {
    edge_ = {0, at};
    return {};
  }
  line::Wait Next(TimePoint, line::Edge& edge) override {
    if (reported == edges) return line::Wait::kEnd;
    waits = true;
    while (station->running()) std::this_thread::yield();
    edge = edge_;
    edge_.count = ++reported;
    edge_.at += milliseconds(10);
    return line::Wait::kReady;
  }
  const Station* station = nullptr;
  std::uint64_t edges = 1;
  std::atomic<std::uint64_t> reported{0};
  std::atomic<bool> waits{false};

 private:
  line::Edge edge_;
};

// Reasons for which a busy machine may turn a part away; the model's own answers are not among
// them.
bool ForWantOfTime(Reason reason) {
  return reason != Reason::kNone && reason != Reason::kDefect && reason != Reason::kLowConfidence &&
         reason != Reason::kModelError && reason != Reason::kImageUnhealthy &&
         reason != Reason::kNotAligned;
}

// A line with real threads on the real clock. What a test says about order holds at any speed; a
// machine that stalls only turns parts away.
class StationTest : public ::testing::Test {
 protected:
  void Build(std::uint64_t parts, infer::FakeClassifier::Behaviour behaviour,
             std::vector<line::CameraFault> faults = {}, line::Output* output = nullptr) {
    inspector = inspect::testing::SmallInspector(std::move(behaviour));
    schedule.parts = parts;
    schedule.period = period;
    schedule.acquisition_delay = microseconds(500);
    schedule.acquisition_jitter = Duration(0);
    trigger = std::make_unique<line::ReplayTrigger>(schedule, clock);
    std::vector<image::Image> images{inspect::testing::SmallFrame(10, 20),
                                     inspect::testing::SmallFrame(10, 220)};
    camera = *line::ReplayCamera::Open(
        schedule, clock, *line::MemorySource::Create(std::move(images)), std::move(faults));
    records = std::make_unique<record::RecordQueue>(4096, std::vector<record::RecordSink*>{&sink});
    settings.lock_memory = false;
    settings.realtime_threads = false;
    station = std::make_unique<Station>(
        settings, clock, Devices{*trigger, *camera, output ? *output : memory_output}, *inspector,
        *records, [this](std::string_view text) {
          const std::lock_guard lock(notices_mutex);
          notices.emplace_back(text);
        });
  }
  Status RunToEnd() {
    records->Start();
    if (Status started = station->Start(milliseconds(5)); !started) return started;
    const Status ended = station->Wait();
    records->Stop();
    return ended;
  }
  // One part with all the time there is, and a frame that does not overtake its edge: what a
  // machine does beside it changes nothing. Give the settings before Build(1, ...).
  void GiveAllTheTime() {
    period = seconds(200);
    settings.gate.window = settings.gate.capture_until = seconds(90);
    settings.gate.inference_reserve = Duration(0);
  }
  Status RunThePart(line::Output& output) {
    testing::EdgeFirst in_order(*trigger, *camera);
    station = std::make_unique<Station>(settings, clock,
                                        Devices{in_order.trigger(), in_order.camera(), output},
                                        *inspector, *records, [](std::string_view) {});
    records->Start();
    if (Status started = station->Start(milliseconds(5)); !started) return started;
    EXPECT_TRUE(Comes("the decision, or the end of the line",
                      [&] { return sink.written != 0 || !station->running(); }));
    station->RequestStop();  // or PASS is on for as long as the window
    const Status ended = station->Wait();
    station.reset();
    records->Stop();
    return ended;
  }
  // The records of a stalled machine also hold late answers.
  std::vector<gate::Decision> Decisions() const {
    std::vector<gate::Decision> decisions;
    for (const record::Record& record : sink.records) {
      if (record.kind == record::Record::Kind::kDecision) decisions.push_back(record.decision);
    }
    return decisions;
  }
  std::map<Reason, int> Reasons() const {
    std::map<Reason, int> reasons;
    for (const record::Record& record : sink.records) {
      if (record.kind == record::Record::Kind::kDecision) ++reasons[record.decision.reason];
    }
    return reasons;
  }

  void ExpectAllSafe() const {
    for (std::size_t line = 0; line < kOutputLines; ++line) {
      EXPECT_FALSE(memory_output.energised(static_cast<OutputLine>(line))) << line;
    }
  }

  static inline MonotonicClock clock;  // outlives a thread that a test loses on purpose
  Duration period = milliseconds(5);
  line::Schedule schedule;
  StationSettings settings;
  std::unique_ptr<inspect::Inspector> inspector;
  std::unique_ptr<line::ReplayTrigger> trigger;
  std::unique_ptr<line::ReplayCamera> camera;
  line::MemoryOutput memory_output;
  KeepingSink sink;
  std::unique_ptr<record::RecordQueue> records;
  std::unique_ptr<Station> station;
  std::mutex notices_mutex;
  std::vector<std::string> notices;
};

TEST_F(StationTest, AnEdgeThatWasTakenAfterTheEndIsAPartToo) {
  Build(1, inspect::testing::SayBadWhenBright);
  EdgeAfterTheEnd late;
  station = std::make_unique<Station>(settings, clock, Devices{late, *camera, memory_output},
                                      *inspector, *records, [](std::string_view) {});
  late.station = station.get();
  records->Start();
  ASSERT_TRUE(station->Start(milliseconds(5)));
  ASSERT_TRUE(Comes("the wait for an edge", [&] { return late.waits.load(); }));
  station->RequestStop();
  EXPECT_TRUE(station->Wait());
  records->Stop();
  ASSERT_EQ(Decisions().size(), 1U);
  EXPECT_EQ(Decisions()[0].reason, Reason::kShutdown);
  ExpectAllSafe();
}

// A process that stood still for ten seconds of a line, and then stops.
TEST_F(StationTest, AThousandEdgesAfterTheEndAreAThousandParts) {
  Build(1, inspect::testing::SayBadWhenBright);
  EdgeAfterTheEnd late;
  late.edges = 1000;
  station = std::make_unique<Station>(settings, clock, Devices{late, *camera, memory_output},
                                      *inspector, *records, [](std::string_view) {});
  late.station = station.get();
  records->Start();
  ASSERT_TRUE(station->Start(milliseconds(5)));
  ASSERT_TRUE(Comes("the wait for an edge", [&] { return late.waits.load(); }));
  station->RequestStop();
  ASSERT_TRUE(Comes("the last edge", [&] { return late.reported == late.edges; }));
  EXPECT_TRUE(station->Wait());
  records->Stop();
  EXPECT_EQ(Decisions().size(), 1000U);
  for (const gate::Decision& decision : Decisions()) EXPECT_FALSE(decision.released);
}

TEST_F(StationTest, EveryPartIsDecidedOnceAndOnlyGoodOnesPassTheLine) {
  settings.gate.window = milliseconds(4);
  settings.gate.pass_hold = microseconds(500);
  settings.gate.capture_until = milliseconds(4);
  settings.gate.inference_reserve = Duration(0);
  Build(200, inspect::testing::SayBadWhenBright);
  ASSERT_TRUE(RunToEnd());
  EXPECT_EQ(station->parts(), 200U);
  const std::vector<gate::Decision> decisions = Decisions();
  EXPECT_EQ(decisions.size(), 200U) << "one decision per part";
  for (const gate::Decision& decision : decisions) {
    EXPECT_EQ(decision.part.sequence, static_cast<std::uint64_t>(&decision - decisions.data()) + 1);
    // Odd parts are good. A stalled machine may turn one away; it may never let a bad one pass.
    const Reason without_stall = decision.part.sequence % 2 == 1 ? Reason::kNone : Reason::kDefect;
    EXPECT_TRUE(decision.reason == without_stall || ForWantOfTime(decision.reason));
    EXPECT_EQ(decision.released, decision.reason == Reason::kNone);
    if (decision.released) {
      EXPECT_LT(decision.decided_at, decision.answer_due);
    }
  }
  ExpectAllSafe();
}

TEST_F(StationTest, AGoodPartPasses) {
  GiveAllTheTime();
  Build(1, inspect::testing::SayBadWhenBright);
  ASSERT_TRUE(RunThePart(memory_output));
  ASSERT_EQ(Decisions().size(), 1U);
  EXPECT_TRUE(Decisions()[0].released);
  std::vector<bool> pass;
  for (const line::MemoryOutput::Transition& change : memory_output.transitions()) {
    if (change.line == OutputLine::kPass) pass.push_back(change.energised);
  }
  EXPECT_EQ(pass, (std::vector<bool>{true, false}));
  ExpectAllSafe();
}

TEST_F(StationTest, AModelThatHangsIsStoppedWhenItsAnswerIsDueAndTheAnswerIsOnlyRecorded) {
  period = milliseconds(500);
  settings.gate.window = settings.gate.capture_until = milliseconds(400);
  settings.gate.inference_reserve = Duration(0);
  settings.gate.fault_after = seconds(60);
  Build(4, [](auto, auto, const std::atomic<bool>& terminate) {
    while (!terminate) std::this_thread::yield();
    return infer::RunOutcome::kTerminated;
  });
  ASSERT_TRUE(RunToEnd());
  int decisions = 0;
  int late = 0;
  for (const record::Record& record : sink.records) {
    record.kind == record::Record::Kind::kDecision ? ++decisions : ++late;
    EXPECT_FALSE(record.decision.released);
  }
  EXPECT_EQ(decisions, 4);
  EXPECT_GT(late, 0);
  for (const line::MemoryOutput::Transition& change : memory_output.transitions()) {
    EXPECT_NE(change.line, OutputLine::kPass) << "it never left REJECT";
  }
}

TEST_F(StationTest, AnInferenceThreadThatNeverComesBackIsAFault) {
  settings.gate.window = milliseconds(4);
  settings.gate.pass_hold = microseconds(500);
  settings.gate.capture_until = milliseconds(4);
  settings.gate.inference_reserve = Duration(0);
  settings.gate.fault_after = milliseconds(50);
  static std::atomic<bool> let_go{false};
  let_go = false;
  Build(1000, [](auto, auto, const auto&) {
    let_go.wait(false);
    return infer::RunOutcome::kFailed;
  });
  const Status ended = RunToEnd();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ErrorCode::kTimeout);
  EXPECT_LT(station->parts(), 1000U);
  // The process would end here; the test must not, so the lost thread keeps what it uses.
  (void)station.release();
  (void)inspector.release();
  (void)camera.release();
}

TEST_F(StationTest, AStopRejectsWhatIsOpenAndEndsTheLine) {
  Build(0, inspect::testing::SayBadWhenBright);
  records->Start();
  ASSERT_TRUE(station->Start(Duration(0)));
  station->RequestStop();
  EXPECT_TRUE(station->Wait());
  records->Stop();
  ExpectAllSafe();
  EXPECT_EQ(station->ledger().count(), station->parts());
}

TEST_F(StationTest, ACameraThatIsGoneStopsTheLineWithItsWords) {
  Build(100, inspect::testing::SayBadWhenBright, {{10, line::CameraFault::Kind::kGone, {}}});
  const Status ended = RunToEnd();
  ASSERT_FALSE(ended);
  EXPECT_NE(ended.error().message.find("camera"), std::string::npos);
  ExpectAllSafe();
  EXPECT_EQ(station->ledger().count(), station->parts());
}

TEST_F(StationTest, AnOutputThatDoesNotTakeItsLevelStopsTheLine) {
  GiveAllTheTime();
  BrokenOutput output(true);
  Build(1, inspect::testing::SayBadWhenBright);
  const Status ended = RunThePart(output);
  ASSERT_FALSE(ended);
  EXPECT_NE(ended.error().message.find("output"), std::string::npos);
}

TEST_F(StationTest, AnOutputThatDoesNotTakeRejectNeverStartsALine) {
  BrokenOutput output(false);
  Build(100, inspect::testing::SayBadWhenBright, {}, &output);
  EXPECT_FALSE(station->Start(Duration(0)));
}

TEST_F(StationTest, AStopDuringAHungRunStillEndsInTime) {
  settings.gate.window = milliseconds(4);
  settings.gate.pass_hold = microseconds(500);
  settings.gate.capture_until = milliseconds(4);
  settings.gate.inference_reserve = Duration(0);
  settings.gate.fault_after = milliseconds(100);
  static std::atomic<bool> entered{false};
  entered = false;
  Build(0, [](auto, auto, const auto&) {
    entered = true;
    entered.notify_all();
    std::atomic<bool> never{false};
    never.wait(false);
    return infer::RunOutcome::kFailed;
  });
  records->Start();
  ASSERT_TRUE(station->Start(Duration(0)));
  entered.wait(false);
  station->RequestStop();
  const Status ended = station->Wait();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ErrorCode::kTimeout);
  records->Stop();
  (void)station.release();
  (void)inspector.release();
  (void)camera.release();
}

TEST_F(StationTest, LostIgnoredAndPartialFramesNeverShiftAVerdictOntoANeighbour) {
  settings.gate.window = milliseconds(4);
  settings.gate.pass_hold = microseconds(500);
  settings.gate.capture_until = milliseconds(4);
  settings.gate.inference_reserve = Duration(0);
  using Kind = line::CameraFault::Kind;
  Build(
      100, inspect::testing::SayBadWhenBright,
      {{10, Kind::kLostFrame, {}}, {30, Kind::kIgnoredTrigger, {}}, {50, Kind::kPartialFrame, {}}});
  ASSERT_TRUE(RunToEnd());
  const std::vector<gate::Decision> decisions = Decisions();
  EXPECT_EQ(decisions.size(), 100U);
  for (const gate::Decision& decision : decisions) {
    if (decision.part.sequence % 2 == 0) {
      EXPECT_FALSE(decision.released);
    }
  }
  for (const std::uint64_t part : {11U, 31U, 51U}) {
    EXPECT_FALSE(station->ledger().Find({settings.gate.boot, part})->released);
  }
}

// The worst model to keep warm: on the made-up frame it runs until it is told to stop.
TEST_F(StationTest, KeptWarmEachPartIsDecidedAsWithout) {
  constexpr float kWarm = 77.0F;
  period = milliseconds(300);
  settings.gate.window = milliseconds(250);
  settings.gate.capture_until = milliseconds(250);
  settings.gate.inference_reserve = Duration(0);
  settings.keep_warm = milliseconds(20);
  settings.warm_frame = inspect::testing::SmallFrame(77, 77);
  std::atomic<int> warm{0};
  Build(6, [&warm](auto input, auto logits, const std::atomic<bool>& terminate) {
    if (input[0] != kWarm) return inspect::testing::SayBadWhenBright(input, logits, terminate);
    ++warm;
    while (!terminate) std::this_thread::yield();
    return infer::RunOutcome::kTerminated;
  });
  ASSERT_TRUE(RunToEnd());
  EXPECT_EQ(Decisions().size(), 6U) << "the made-up frame leaves no record";
  for (const gate::Decision& decision : Decisions()) {
    // A stalled machine may turn a part away; what is answered is answered as without.
    if (!decision.has_answer) continue;
    EXPECT_EQ(decision.answer.verdict == judge::Verdict::kPass, decision.part.sequence % 2 == 1)
        << decision.part.sequence;
  }
  EXPECT_GE(warm, 1);
  EXPECT_EQ(station->warm_runs(), static_cast<std::uint64_t>(warm));
}

// A run to keep warm that does not listen is in the way of a part. That part is late and its run is
// told to stop before it has begun; it must not forget that when its turn comes.
TEST_F(StationTest, ARunThatWasToldToStopBeforeItBeganStops) {
  period = milliseconds(100);
  settings.gate.window = milliseconds(4);
  settings.gate.pass_hold = microseconds(500);
  settings.gate.capture_until = milliseconds(4);
  settings.gate.inference_reserve = Duration(0);
  settings.gate.fault_after = seconds(60);
  settings.keep_warm = milliseconds(10);
  settings.warm_frame = inspect::testing::SmallFrame(77, 77);
  Build(3, [](auto input, auto, const std::atomic<bool>& terminate) {
    while (!terminate) std::this_thread::yield();
    const TimePoint deaf_until = clock.Now() + milliseconds(input[0] == 77.0F ? 30 : 0);
    while (clock.Now() < deaf_until) std::this_thread::yield();
    return infer::RunOutcome::kTerminated;
  });
  const Status ended = RunToEnd();
  EXPECT_TRUE(ended) << ended.error().message;
  ASSERT_EQ(Decisions().size(), 3U);
  for (const gate::Decision& decision : Decisions()) EXPECT_FALSE(decision.released);
}

TEST_F(StationTest, KeptWarmInTheMomentOfAnEdgeNoPartIsHarmed) {
  settings.gate.window = milliseconds(4);
  settings.gate.pass_hold = microseconds(500);
  settings.gate.capture_until = milliseconds(4);
  settings.gate.inference_reserve = Duration(0);
  settings.keep_warm = microseconds(100);  // due again and again, also just ahead of an edge
  settings.warm_frame = inspect::testing::SmallFrame(10, 10);
  Build(200, inspect::testing::SayBadWhenBright);
  ASSERT_TRUE(RunToEnd());
  EXPECT_EQ(Decisions().size(), 200U);
  for (const gate::Decision& decision : Decisions()) {
    if (decision.part.sequence % 2 == 0) {
      EXPECT_FALSE(decision.released);
    }
    // Told to stop was only a run on the made-up frame: what a part has is a whole answer, and the
    // right one.
    if (decision.has_answer) {
      EXPECT_NE(decision.reason, Reason::kModelError) << decision.part.sequence;
      EXPECT_EQ(decision.answer.verdict == judge::Verdict::kPass, decision.part.sequence % 2 == 1);
    }
  }
  EXPECT_GT(station->warm_runs(), 0U);
}

TEST_F(StationTest, KeptWarmAGoodPartPasses) {
  GiveAllTheTime();
  settings.keep_warm = microseconds(100);
  settings.warm_frame = inspect::testing::SmallFrame(220, 10);  // a bad part, were it one
  Build(1, inspect::testing::SayBadWhenBright);
  ASSERT_TRUE(RunThePart(memory_output));
  ASSERT_EQ(Decisions().size(), 1U);
  EXPECT_TRUE(Decisions()[0].released);
}

#ifndef TAKTGATE_SANITIZED  // sanitizers need memory of their own
using StationDeathTest = StationTest;

// The threads that are there already wait for the rest, and must not do so for ever.
TEST_F(StationDeathTest, WithoutMemoryForAThreadThereIsNoStartAndNoHang) {
  const auto child = [&] {
    alarm(120);
    Build(1, inspect::testing::SayBadWhenBright);
    std::ifstream statm("/proc/self/statm");
    rlim_t pages = 0;
    statm >> pages;
    rlimit limit{};
    getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = pages * 4096 + (20U << 20);  // two stacks, not five
    setrlimit(RLIMIT_AS, &limit);
    const Status started = station->Start(milliseconds(5));
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_AS, &limit);
    if (started) _exit(90);
    std::fprintf(stderr, "%s\n", started.error().message.c_str());
    station.reset();
    _exit(7);
  };
  EXPECT_EXIT(child(), ::testing::ExitedWithCode(7), "a thread of the station cannot be made");
}
#endif

}  // namespace
}  // namespace taktgate::station
