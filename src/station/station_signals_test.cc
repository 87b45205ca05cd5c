// Encoder, sensors and PLC reach the gate. The whole station in virtual time, stepped by the test.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "inspect/test_release.h"
#include "line/memory_output.h"
#include "line/replay.h"
#include "station/station.h"
#include "station/test_stepped_station.h"
#include "station/test_told_line.h"

namespace taktgate::station {
namespace {

using judge::Reason;
using Kind = line::Signal::Kind;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Of the belt, now.
class BeltSignals : public testing::ToldSignals {
 public:
  explicit BeltSignals(const Clock& clock) : clock_(clock) {}
  void Tell(Kind kind, std::uint32_t value = 0) { TellOf(clock_.Now(), kind, value); }
  void TellOf(TimePoint at, Kind kind, std::uint32_t value = 0) {
    ToldSignals::Tell({kind, value, at});
  }

 private:
  const Clock& clock_;
};

class KeepingSink : public record::RecordSink {
 public:
  void Write(const record::Record& record) override {
    if (record.kind == record::Record::Kind::kVerified)
      verified.push_back(record.decision.verified);
    if (record.kind == record::Record::Kind::kDecision) decisions.push_back(record.decision);
  }
  std::vector<gate::Verified> verified;
  std::vector<gate::Decision> decisions;
};

// One good part on a belt of 100 counts, with the camera at 0. A count takes 1 ms at least.
class StationSignals : public ::testing::Test {
 protected:
  StationSignals() {
    gate::GateSettings& gate = settings.gate;
    gate.belt.mode = gate::BeltMode::kByCount;
    gate.belt.distance = 100;
    gate.belt.lead = 10;
    gate.belt.hold = 10;
    gate.belt.spacing = 50;
    gate.belt.longest_pass = milliseconds(50);
    gate.belt.position_age = milliseconds(10);
    settings.lock_memory = false;
    settings.realtime_threads = false;
  }

  void Start(infer::FakeClassifier::Behaviour behaviour = inspect::testing::SayBadWhenBright) {
    line::Schedule schedule;
    schedule.parts = 1;
    schedule.acquisition_delay = milliseconds(1);
    schedule.acquisition_jitter = Duration(0);
    inspector = inspect::testing::SmallInspector(std::move(behaviour));
    trigger = std::make_unique<line::ReplayTrigger>(schedule, clock);
    std::vector<image::Image> images{inspect::testing::SmallFrame(10, 20)};
    camera =
        *line::ReplayCamera::Open(schedule, clock, *line::MemorySource::Create(std::move(images)));
    station = std::make_unique<Station>(settings, clock,
                                        Devices{*trigger, *camera, output, {{&signals, ""}}},
                                        *inspector, records, [](std::string_view) {});
    stepped = std::make_unique<testing::SteppedStation>(*station, clock);
    signals.Tell(Kind::kEncoder, 0);
    ASSERT_TRUE(stepped->Start(milliseconds(1)));
  }
  // The part has broken the barrier at 1 ms, and is proven.
  void UntilProven() {
    for (int ms = 0; ms < 6; ++ms) {
      stepped->Run(milliseconds(1), microseconds(200));
      signals.Tell(Kind::kEncoder, 0);
    }
    ASSERT_EQ(station->parts(), 1U);
    ASSERT_EQ(stepped->counts().rejected, 0U);
  }
  // A belt that tells each count.
  void Belt(std::uint32_t from, std::uint32_t to) {
    for (std::uint32_t count = from; count <= to; ++count) {
      signals.Tell(Kind::kEncoder, count);
      stepped->Run(milliseconds(1), microseconds(500));
    }
  }
  bool pass() const { return output.energised(OutputLine::kPass); }
  Status End() {
    signals.End(line::Wait::kEnd);
    stepped->Run(seconds(2), milliseconds(1));
    EXPECT_FALSE(stepped->runs());
    const Status ended = stepped->WhyEnded();
    records.Start();
    records.Stop();
    return ended;
  }
  // The one decision of the line.
  gate::Decision TheDecision() {
    EXPECT_TRUE(End());
    EXPECT_EQ(sink.decisions.size(), 1U);
    return sink.decisions.empty() ? gate::Decision{} : sink.decisions[0];
  }

  VirtualClock clock{TimePoint(seconds(100))};
  StationSettings settings;
  std::unique_ptr<inspect::Inspector> inspector;
  std::unique_ptr<line::ReplayTrigger> trigger;
  std::unique_ptr<line::ReplayCamera> camera;
  line::MemoryOutput output;
  BeltSignals signals{clock};
  KeepingSink sink;
  record::RecordQueue records{64, {&sink}};
  std::unique_ptr<Station> station;
  std::unique_ptr<testing::SteppedStation> stepped;
};

TEST_F(StationSignals, PassStandsOnlyWhileTheEncoderHasThePartInTheGate) {
  Start();
  UntilProven();
  for (std::uint32_t count = 1; count <= 130; ++count) {
    Belt(count, count);
    EXPECT_EQ(pass(), count >= 90 && count < 110) << count;
  }
  EXPECT_TRUE(TheDecision().released);
}

TEST_F(StationSignals, APartThatIsPastTheGateIsMissed) {
  Start();
  UntilProven();
  Belt(1, 80);
  Belt(200, 200);
  const gate::Decision decision = TheDecision();
  EXPECT_FALSE(decision.released);
  EXPECT_EQ(decision.reason, Reason::kGateMissed);
}

// The counts of 300 ms wait while the station stands still; the part has left long ago.
TEST_F(StationSignals, CountsThatWaitedDoNotRaisePass) {
  Start();
  UntilProven();
  Belt(1, 80);
  for (std::uint32_t count = 81; count <= 380; ++count) {
    signals.Tell(Kind::kEncoder, count);
    clock.Advance(milliseconds(1));
  }
  stepped->Run(milliseconds(1), milliseconds(1));
  EXPECT_EQ(TheDecision().reason, Reason::kGateMissed);
  for (const auto& change : output.transitions()) {
    EXPECT_FALSE(change.line == OutputLine::kPass && change.energised);
    EXPECT_FALSE(change.line == OutputLine::kValid && change.energised) << "VALID for nobody";
  }
}

// The last count that waited is inside the place, but it is old: where the part is nobody knows.
TEST_F(StationSignals, AnOldCountInsideThePlaceProvesNothing) {
  Start();
  UntilProven();
  Belt(1, 80);
  const TimePoint then = clock.Now();
  clock.Advance(milliseconds(10));
  signals.TellOf(then, Kind::kEncoder, 95);
  stepped->Run(milliseconds(5), milliseconds(1));
  EXPECT_FALSE(pass());
  Belt(96, 96);  // and a fresh one does
  EXPECT_TRUE(pass());
  Belt(97, 120);
  EXPECT_TRUE(TheDecision().released);
}

// The thread of the signals stalls, that of the gate does not.
TEST_F(StationSignals, ASignalsThreadThatStallsEndsPassByTheLongestTime) {
  Start();
  UntilProven();
  Belt(1, 95);
  ASSERT_TRUE(pass());
  for (int ms = 0; ms < 60; ++ms) {
    signals.Tell(Kind::kEncoder, static_cast<std::uint32_t>(96 + ms));
    clock.Advance(milliseconds(1));
    stepped->Gate();
  }
  EXPECT_FALSE(pass());
  EXPECT_EQ(stepped->counts().passes_cut_short, 1U);
  EXPECT_TRUE(TheDecision().released);
}

// A suspended unit: its clock stands while the belt goes on.
TEST_F(StationSignals, WhatWasOnTheBeltBeforeASuspensionIsRejected) {
  Start();
  UntilProven();
  Belt(1, 85);
  clock.Suspend(milliseconds(40));
  signals.Tell(Kind::kEncoder, 92);
  stepped->Run(milliseconds(1), milliseconds(1));
  EXPECT_FALSE(pass());
  Belt(93, 120);
  EXPECT_EQ(TheDecision().reason, Reason::kTrackingLost);
}

TEST_F(StationSignals, ASuspensionEndsThePassOnTheWire) {
  Start();
  UntilProven();
  Belt(1, 95);
  ASSERT_TRUE(pass());
  clock.Suspend(seconds(3600));
  stepped->Gate();
  EXPECT_FALSE(pass());
  EXPECT_EQ(stepped->counts().passes_cut_short, 1U);
  Belt(96, 120);
  EXPECT_TRUE(TheDecision().released);
}

TEST_F(StationSignals, TheGateSensorSeesThePartInItsPlace) {
  settings.gate.gate_sensor = true;
  Start();
  UntilProven();
  Belt(1, 100);
  signals.Tell(Kind::kGateSensor);
  Belt(101, 120);
  EXPECT_TRUE(TheDecision().released);
  EXPECT_EQ(stepped->counts().tracking_lost, 0U);
}

TEST_F(StationSignals, APartAtTheGateThatNobodyExpectsLosesAllParts) {
  settings.gate.gate_sensor = true;
  Start();
  UntilProven();
  Belt(1, 20);
  signals.Tell(Kind::kGateSensor);
  Belt(21, 120);
  EXPECT_EQ(TheDecision().reason, Reason::kTrackingLost);
}

TEST_F(StationSignals, TheNumberOfThePlcIsPartOfTheDecision) {
  settings.gate.plc_names_parts = true;
  Start();
  stepped->Run(milliseconds(2), microseconds(200));
  signals.Tell(Kind::kPlcPart, 4711);
  UntilProven();
  Belt(1, 120);
  const gate::Decision decision = TheDecision();
  EXPECT_TRUE(decision.released && decision.has_plc_part);
  EXPECT_EQ(decision.plc_part, 4711U);
}

TEST_F(StationSignals, ThePartThatFallsIntoTheBinAgreesWithItsReject) {
  settings.gate.bin_within = seconds(1);
  Start();
  UntilProven();
  signals.Tell(Kind::kGateSensor);  // nobody expects it: all parts are rejected
  Belt(1, 130);
  signals.Tell(Kind::kBinSensor);
  stepped->Run(milliseconds(1), milliseconds(1));
  EXPECT_FALSE(TheDecision().released);
  ASSERT_EQ(sink.verified.size(), 1U);
  EXPECT_EQ(sink.verified[0], gate::Verified::kAgreed);
}

TEST_F(StationSignals, ASilentPlcRejectsWhatIsOnTheBelt) {
  settings.gate.plc_beat_within = milliseconds(200);
  Start();
  stepped->Run(milliseconds(1), milliseconds(1));
  EXPECT_FALSE(output.energised(OutputLine::kAmber));
  stepped->Run(milliseconds(250), milliseconds(1));
  EXPECT_TRUE(output.energised(OutputLine::kAmber));
  Belt(1, 120);
  EXPECT_EQ(TheDecision().reason, Reason::kPlcAbsent);
}

TEST_F(StationSignals, ASensorThatNeverStopsIsAFailedDevice) {
  Start();
  signals.on_next = [this] { signals.Tell(Kind::kBinSensor); };  // faster than it can be heard
  for (int k = 0; k < 20'000; ++k) stepped->Signals();
  stepped->Gate();
  ASSERT_FALSE(stepped->runs());
  const Status ended = stepped->WhyEnded();
  ASSERT_FALSE(ended);
  EXPECT_NE(ended.error().message.find("signals were lost"), std::string::npos);
  EXPECT_FALSE(pass());
}

TEST_F(StationSignals, AnEncoderThatIsGoneStopsTheLineWithItsWords) {
  Start();
  signals.End(line::Wait::kFault);
  stepped->All();
  ASSERT_FALSE(stepped->runs());
  const Status ended = stepped->WhyEnded();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ErrorCode::kIo);
  EXPECT_NE(ended.error().message.find("the cable is cut"), std::string::npos);
  EXPECT_FALSE(pass());
}

}  // namespace
}  // namespace taktgate::station
