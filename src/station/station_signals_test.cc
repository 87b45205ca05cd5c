// Encoder, sensors and PLC reach the gate. The clock is the real one, with times so long that no
// stall of a machine counts.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "line/memory_output.h"
#include "line/replay.h"
#include "station/station.h"
#include "station/test_release.h"

namespace taktgate::station {
namespace {

using judge::Reason;
using Kind = line::Signal::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Says what the test tells it, until the test says that the line is over.
class ToldSignals : public line::Signals {
 public:
  void Tell(Kind kind, std::uint32_t value = 0) {
    const std::lock_guard lock(mutex_);
    told_.push_back({kind, value, {}});
  }
  void End(line::Wait how) { end_ = how; }
  // Bin sensor, without end and faster than it can be heard.
  void Chatter() { chatters_ = true; }

  Status Start(TimePoint) override { return {}; }
  line::Wait Next(TimePoint, line::Signal& signal) override {
    const std::lock_guard lock(mutex_);
    if (next_ < told_.size()) {
      signal = told_[next_++];
      return line::Wait::kReady;
    }
    if (chatters_) {
      signal = {Kind::kBinSensor, 0, {}};
      return line::Wait::kReady;
    }
    std::this_thread::yield();
    return end_;
  }
  std::string fault() const override { return end_ == line::Wait::kFault ? "encoder: cut" : ""; }

 private:
  std::mutex mutex_;
  std::vector<line::Signal> told_;
  std::size_t next_ = 0;
  std::atomic<bool> chatters_{false};
  std::atomic<line::Wait> end_{line::Wait::kTimeout};
};

// A camera whose frame comes only when the gate can know the edge, however slow a thread is.
class EdgeFirst {
 public:
  EdgeFirst(line::Trigger& trigger, line::Camera& camera)
      : trigger_(*this, trigger), camera_(*this, camera) {}
  line::Trigger& trigger() { return trigger_; }
  line::Camera& camera() { return camera_; }

 private:
  class Trigger : public line::Trigger {
   public:
    Trigger(EdgeFirst& both, line::Trigger& inner) : both_(both), inner_(inner) {}
    Status Start(TimePoint at) override { return inner_.Start(at); }
    // Asked again, the station has handed over the edge.
    line::Wait Next(TimePoint until, line::Edge& edge) override {
      both_.edge_known_ = both_.edge_known_ || told_;
      const line::Wait wait = inner_.Next(until, edge);
      told_ = told_ || wait == line::Wait::kReady;
      return wait;
    }

   private:
    EdgeFirst& both_;
    line::Trigger& inner_;
    bool told_ = false;
  };
  class Camera : public line::Camera {
   public:
    Camera(EdgeFirst& both, line::Camera& inner) : both_(both), inner_(inner) {}
    Status Open() override { return inner_.Open(); }
    Status Start(TimePoint at) override { return inner_.Start(at); }
    line::Wait Next(TimePoint until, image::Frame& frame) override {
      std::this_thread::yield();
      return both_.edge_known_ ? inner_.Next(until, frame) : line::Wait::kTimeout;
    }
    void Release(const image::Frame& frame) override { inner_.Release(frame); }

   private:
    EdgeFirst& both_;
    line::Camera& inner_;
  };

  Trigger trigger_;
  Camera camera_;
  std::atomic<bool> edge_known_{false};
};

// PASS, as another thread may look at it.
class WatchedOutput : public line::Output {
 public:
  bool Set(OutputLine line, bool energised, TimePoint, TimePoint) override {
    if (line == OutputLine::kPass) pass = energised;
    if (line == OutputLine::kAmber && energised) amber = true;
    if (line == OutputLine::kReady && energised) was_ready = true;
    return true;
  }
  std::atomic<bool> pass{false};
  std::atomic<bool> amber{false};
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
    in_order = std::make_unique<EdgeFirst>(*trigger, *camera);
    station = std::make_unique<Station>(
        settings, clock, Devices{in_order->trigger(), in_order->camera(), output, &signals},
        *inspector, records, [](std::string_view) {});
    records.Start();
    ASSERT_TRUE(station->Start(milliseconds(1)));
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
  std::unique_ptr<EdgeFirst> in_order;
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
  while (!output.pass) std::this_thread::yield();
  signals.Tell(Kind::kEncoder, 109);
  signals.Tell(Kind::kEncoder, 110);
  while (output.pass) std::this_thread::yield();
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
  while (!output.pass) std::this_thread::yield();
  signals.Tell(Kind::kGateSensor);
  signals.Tell(Kind::kEncoder, 120);
  signals.End(line::Wait::kEnd);
  EXPECT_TRUE(TheDecision().released);
}

TEST_F(StationSignals, APartAtTheGateThatNobodyExpectsLosesAllParts) {
  settings.gate.gate_sensor = true;
  signals.Tell(Kind::kEncoder, 0);
  Start();
  while (!asked) std::this_thread::yield();
  signals.Tell(Kind::kEncoder, 20);
  signals.Tell(Kind::kGateSensor);
  signals.Tell(Kind::kEncoder, 120);
  signals.End(line::Wait::kEnd);
  EXPECT_FALSE(TheDecision().released);
}

TEST_F(StationSignals, TheNumberOfThePlcIsPartOfTheDecision) {
  settings.gate.plc_names_parts = true;
  signals.Tell(Kind::kEncoder, 0);
  Start();
  while (!asked) std::this_thread::yield();
  signals.Tell(Kind::kPlcPart, 4711);
  signals.Tell(Kind::kEncoder, 95);
  while (!output.pass) std::this_thread::yield();
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
  while (!asked) std::this_thread::yield();
  signals.Tell(Kind::kGateSensor);  // nobody expects it: all parts are rejected
  while (sink.decided == 0) std::this_thread::yield();
  signals.Tell(Kind::kEncoder, 130);
  signals.Tell(Kind::kBinSensor);
  signals.End(line::Wait::kEnd);
  EXPECT_FALSE(TheDecision().released);
  ASSERT_EQ(sink.verified.size(), 1U);
  EXPECT_EQ(sink.verified[0], gate::Verified::kAgreed);
}

TEST_F(StationSignals, ASilentPlcRejectsWhatIsOnTheBelt) {
  settings.gate.plc_beat_within = milliseconds(200);
  signals.Tell(Kind::kEncoder, 0);
  Start();
  while (!output.amber) std::this_thread::yield();
  signals.Tell(Kind::kEncoder, 120);
  signals.End(line::Wait::kEnd);
  const gate::Decision decision = TheDecision();
  EXPECT_FALSE(decision.released);
}

TEST_F(StationSignals, ASensorThatNeverStopsIsAFailedDevice) {
  Start();
  while (!output.was_ready) std::this_thread::yield();
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
