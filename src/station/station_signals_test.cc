// Encoder, sensors and PLC reach the gate. The clock is the real one, with times so long that no
// stall of a machine counts. What must come in order is told when the gate has shown that it took
// what came before.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/event_signal.h"
#include "base/test_wait.h"
#include "line/memory_output.h"
#include "line/replay.h"
#include "station/station.h"
#include "station/test_edge_first.h"
#include "station/test_release.h"

namespace taktgate::station {
namespace {

using judge::Reason;
using Kind = line::Signal::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;
using taktgate::testing::Comes;

// Says what the test tells it, until the test says that the line is over. Waits without using the
// core that others need.
class ToldSignals : public line::Signals {
 public:
  void Tell(Kind kind, std::uint32_t value = 0) {
    const std::lock_guard lock(mutex_);
    told_.push_back({kind, value, {}});
    news_.Notify();
  }
  void End(line::Wait how) {
    end_ = how;
    news_.Notify();
  }
  // Bin sensor, without end and faster than it can be heard.
  void Chatter() {
    chatters_ = true;
    news_.Notify();
  }

  Status Start(TimePoint) override { return {}; }
  line::Wait Next(TimePoint until, line::Signal& signal) override {
    if (Told(signal)) return line::Wait::kReady;
    if (end_ == line::Wait::kTimeout) news_.WaitUntil(until);
    const line::Wait without = end_;  // before a last look: nothing is told behind the end
    return Told(signal) ? line::Wait::kReady : without;
  }
  std::string fault() const override { return end_ == line::Wait::kFault ? "encoder: cut" : ""; }

 private:
  bool Told(line::Signal& signal) {
    const std::lock_guard lock(mutex_);
    if (next_ == told_.size()) {
      signal = {Kind::kBinSensor, 0, {}};
      return chatters_;
    }
    signal = told_[next_++];
    return true;
  }

  std::mutex mutex_;
  EventSignal news_;
  std::vector<line::Signal> told_;
  std::size_t next_ = 0;
  std::atomic<bool> chatters_{false};
  std::atomic<line::Wait> end_{line::Wait::kTimeout};
};

// PASS, as another thread may look at it.
class WatchedOutput : public line::Output {
 public:
  bool Set(OutputLine line, bool energised, TimePoint, TimePoint) override {
    if (line == OutputLine::kPass) pass = energised;
    if (line == OutputLine::kValid && energised) strobed = true;
    if (line == OutputLine::kAmber && energised) amber = true;
    if (line == OutputLine::kReady && energised) was_ready = true;
    return true;
  }
  std::atomic<bool> pass{false};
  std::atomic<bool> amber{false};
  std::atomic<bool> strobed{false};  // a part has come to the gate
  std::atomic<bool> was_ready{false};
};

class KeepingSink : public RecordSink {
 public:
  void Write(const Record& record) override {
    if (record.kind == Record::Kind::kVerified) verified.push_back(record.decision.verified);
    if (record.kind != Record::Kind::kDecision) return;
    decisions.push_back(record.decision);
    ++decided;
  }
  std::vector<gate::Verified> verified;
  std::atomic<int> decided{0};
  std::vector<gate::Decision> decisions;
};

// One good part on a belt of 100 counts, with the camera at 0.
class StationSignals : public ::testing::Test {
 protected:
  StationSignals() {
    gate::GateSettings& gate = settings.gate;
    gate.window = seconds(60);
    gate.capture_until = seconds(60);
    gate.inference_reserve = Duration(0);
    gate.fault_after = seconds(60);
    gate.belt.mode = gate::BeltMode::kByCount;
    gate.belt.distance = 100;
    gate.belt.lead = 10;
    gate.belt.hold = 10;
    gate.belt.spacing = 50;
    gate.belt.longest_pass = seconds(60);
    settings.lock_memory = false;
    settings.realtime_threads = false;
  }

  void Start() {
    line::Schedule schedule;
    schedule.parts = 1;
    schedule.acquisition_delay = milliseconds(1);
    inspector = testing::SmallInspector([this](auto input, auto logits, const auto& terminate) {
      asked = true;
      return testing::SayBadWhenBright(input, logits, terminate);
    });
    trigger = std::make_unique<line::ReplayTrigger>(schedule, clock);
    std::vector<image::Image> images{testing::SmallFrame(10, 20)};
    camera = std::make_unique<line::ReplayCamera>(
        schedule, clock, std::move(line::MemorySource::Create(std::move(images))).value());
    in_order = std::make_unique<testing::EdgeFirst>(*trigger, *camera);
    station = std::make_unique<Station>(
        settings, clock, Devices{in_order->trigger(), in_order->camera(), output, &signals},
        *inspector, records, [](std::string_view) {});
    records.Start();
    ASSERT_TRUE(station->Start(milliseconds(1)));
  }
  // Until the part is in doubt no more: a PASS that is not given will never come.
  [[nodiscard]] bool PassComes() {
    const auto over = [&] { return output.pass || sink.decided != 0; };
    return Comes("PASS, or the part's decision", over) && output.pass;
  }
  // The part and its frame are known to the gate.
  [[nodiscard]] bool IsAsked() {
    return Comes("the run of the model", [&] { return asked.load(); });
  }
  // The one decision of the line.
  gate::Decision TheDecision() {
    EXPECT_TRUE(station->Wait());
    records.Stop();
    EXPECT_EQ(sink.decisions.size(), 1U);
    return sink.decisions.empty() ? gate::Decision{} : sink.decisions[0];
  }

  MonotonicClock clock;
  StationSettings settings;
  std::unique_ptr<Inspector> inspector;
  std::unique_ptr<line::ReplayTrigger> trigger;
  std::unique_ptr<line::ReplayCamera> camera;
  std::unique_ptr<testing::EdgeFirst> in_order;
  WatchedOutput output;
  std::atomic<bool> asked{false};  // the part and its frame are known to the gate
  ToldSignals signals;
  KeepingSink sink;
  RecordQueue records{64, {&sink}};
  std::unique_ptr<Station> station;
};

TEST_F(StationSignals, PassStandsOnlyWhileTheEncoderHasThePartInTheGate) {
  signals.Tell(Kind::kEncoder, 0);
  Start();
  signals.Tell(Kind::kEncoder, 95);
  ASSERT_TRUE(PassComes());
  signals.Tell(Kind::kEncoder, 109);
  signals.Tell(Kind::kEncoder, 110);
  ASSERT_TRUE(Comes("the end of PASS", [&] { return !output.pass; }));
  signals.End(line::Wait::kEnd);
  EXPECT_TRUE(TheDecision().released);
}

TEST_F(StationSignals, APartThatIsPastTheGateIsMissed) {
  signals.Tell(Kind::kEncoder, 0);
  Start();
  signals.Tell(Kind::kEncoder, 200);
  signals.End(line::Wait::kEnd);
  const gate::Decision decision = TheDecision();
  EXPECT_FALSE(decision.released);
  EXPECT_TRUE(decision.reason == Reason::kGateMissed || decision.reason == Reason::kNoFrame ||
              decision.reason == Reason::kLate);
}

TEST_F(StationSignals, TheGateSensorSeesThePartInItsPlace) {
  settings.gate.gate_sensor = true;
  signals.Tell(Kind::kEncoder, 0);
  Start();
  signals.Tell(Kind::kEncoder, 95);
  ASSERT_TRUE(PassComes());
  signals.Tell(Kind::kGateSensor);
  signals.Tell(Kind::kEncoder, 120);
  signals.End(line::Wait::kEnd);
  EXPECT_TRUE(TheDecision().released);
}

TEST_F(StationSignals, APartAtTheGateThatNobodyExpectsLosesAllParts) {
  settings.gate.gate_sensor = true;
  signals.Tell(Kind::kEncoder, 0);
  Start();
  ASSERT_TRUE(IsAsked());
  signals.Tell(Kind::kEncoder, 20);
  signals.Tell(Kind::kGateSensor);
  ASSERT_TRUE(Comes("the decision", [&] { return sink.decided != 0; }));
  signals.Tell(Kind::kEncoder, 120);
  signals.End(line::Wait::kEnd);
  const gate::Decision decision = TheDecision();
  EXPECT_FALSE(decision.released);
  EXPECT_EQ(decision.reason, Reason::kTrackingLost);
}

TEST_F(StationSignals, TheNumberOfThePlcIsPartOfTheDecision) {
  settings.gate.plc_names_parts = true;
  signals.Tell(Kind::kEncoder, 0);
  Start();
  ASSERT_TRUE(IsAsked());
  signals.Tell(Kind::kPlcPart, 4711);
  signals.Tell(Kind::kEncoder, 95);
  ASSERT_TRUE(PassComes());
  signals.Tell(Kind::kEncoder, 120);
  signals.End(line::Wait::kEnd);
  const gate::Decision decision = TheDecision();
  EXPECT_TRUE(decision.released && decision.has_plc_part);
  EXPECT_EQ(decision.plc_part, 4711U);
}

TEST_F(StationSignals, ThePartThatFallsIntoTheBinAgreesWithItsReject) {
  settings.gate.bin_within = seconds(60);
  signals.Tell(Kind::kEncoder, 0);
  Start();
  ASSERT_TRUE(IsAsked());
  signals.Tell(Kind::kGateSensor);  // nobody expects it: all parts are rejected
  ASSERT_TRUE(Comes("the decision", [&] { return sink.decided != 0; }));
  signals.Tell(Kind::kEncoder, 105);
  // The station takes the newest count before any sensor, but a count that comes in between is
  // taken behind it: the part falls when the gate knows that it is there.
  ASSERT_TRUE(Comes("the strobe at the gate", [&] { return output.strobed.load(); }));
  signals.Tell(Kind::kBinSensor);
  signals.Tell(Kind::kEncoder, 130);
  signals.End(line::Wait::kEnd);
  EXPECT_EQ(TheDecision().reason, Reason::kTrackingLost);
  ASSERT_EQ(sink.verified.size(), 1U);
  EXPECT_EQ(sink.verified[0], gate::Verified::kAgreed);
}

TEST_F(StationSignals, ASilentPlcRejectsWhatIsOnTheBelt) {
  settings.gate.plc_beat_within = milliseconds(200);
  signals.Tell(Kind::kEncoder, 0);
  Start();
  ASSERT_TRUE(Comes("AMBER", [&] { return output.amber.load(); }));
  signals.Tell(Kind::kEncoder, 120);
  signals.End(line::Wait::kEnd);
  const gate::Decision decision = TheDecision();
  EXPECT_FALSE(decision.released);
}

TEST_F(StationSignals, ASensorThatNeverStopsIsAFailedDevice) {
  Start();
  ASSERT_TRUE(Comes("READY", [&] { return output.was_ready.load(); }));
  signals.Chatter();
  const Status ended = station->Wait();
  records.Stop();
  ASSERT_FALSE(ended);
  EXPECT_NE(ended.error().message.find("signals were lost"), std::string::npos);
  EXPECT_FALSE(output.pass);
}

TEST_F(StationSignals, AnEncoderThatIsGoneStopsTheLineWithItsWords) {
  Start();
  signals.End(line::Wait::kFault);
  const Status ended = station->Wait();
  records.Stop();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ErrorCode::kIo);
  EXPECT_NE(ended.error().message.find("encoder: cut"), std::string::npos);
  EXPECT_FALSE(output.pass);
}

}  // namespace
}  // namespace taktgate::station
