// Several devices that tell signals: one order for the gate, and each device's own way to end.
#include "station/signal_sources.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "station/test_scripted_line.h"

namespace taktgate::station {
namespace {

using Kind = line::Signal::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;

TimePoint At(int ms) { return TimePoint(milliseconds(ms)); }

// A belt's encoder and a PLC, as the ring of each has them. The values name the signals.
class SignalSourcesTest : public ::testing::Test {
 protected:
  void Tell(testing::ScriptedSignals& device, Kind kind, std::uint32_t value, int ms) {
    device.Tell({kind, value, At(ms)});
    EXPECT_TRUE(sources.Step(&device == &plc ? 1 : 0, TimePoint{}));
  }
  std::vector<std::uint32_t> Taken() {
    std::vector<std::uint32_t> values;
    while (const auto signal = sources.Next()) values.push_back(signal->value);
    return values;
  }
  testing::ScriptedSignals belt, plc;
  EventSignal gate_signal;
  SignalSources sources{{{&belt, "belt"}, {&plc, "plc"}}, gate_signal};
};

TEST_F(SignalSourcesTest, WhatHappenedFirstIsTakenFirst) {
  Tell(belt, Kind::kEncoder, 1, 10);
  Tell(belt, Kind::kEncoder, 4, 40);
  Tell(plc, Kind::kPlcBeat, 2, 20);
  Tell(plc, Kind::kPlcPart, 3, 30);
  Tell(plc, Kind::kPlcPart, 5, 50);
  EXPECT_EQ(sources.waiting(), 5U);
  EXPECT_EQ(Taken(), (std::vector<std::uint32_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(sources.waiting(), 0U);
}

TEST_F(SignalSourcesTest, OneThatWasHeldBackIsStillInItsPlace) {
  Tell(belt, Kind::kEncoder, 2, 20);
  Tell(plc, Kind::kPlcPart, 1, 10);
  EXPECT_EQ(sources.Next()->value, 1U);
  EXPECT_EQ(sources.waiting(), 1U) << "the belt's is held back, not lost";
  Tell(plc, Kind::kPlcPart, 3, 30);
  EXPECT_EQ(Taken(), (std::vector<std::uint32_t>{2, 3}));
}

TEST_F(SignalSourcesTest, ADevicesOwnOrderIsKeptWhateverItsTimesSay) {
  Tell(belt, Kind::kGateSensor, 1, 30);
  Tell(belt, Kind::kEncoder, 2, 10);
  Tell(plc, Kind::kPlcPart, 3, 40);
  EXPECT_EQ(Taken(), (std::vector<std::uint32_t>{1, 2, 3}));
}

TEST_F(SignalSourcesTest, AtOneTimeTheFirstDeviceGoesFirst) {
  Tell(plc, Kind::kPlcPart, 2, 10);
  Tell(belt, Kind::kEncoder, 1, 10);
  EXPECT_EQ(Taken(), (std::vector<std::uint32_t>{1, 2}));
}

TEST_F(SignalSourcesTest, EachSignalWakesTheGateThread) {
  EXPECT_FALSE(gate_signal.WaitUntil(TimePoint{}));
  Tell(plc, Kind::kPlcBeat, 1, 10);
  EXPECT_TRUE(gate_signal.WaitUntil(TimePoint{}));
}

TEST_F(SignalSourcesTest, AFullRingIsAFaultOfItsDeviceAlone) {
  for (int k = 0; k < 8192; ++k) Tell(plc, Kind::kPlcBeat, 0, k);
  Tell(belt, Kind::kEncoder, 0, 0);
  EXPECT_FALSE(sources.failed());
  EXPECT_EQ(sources.FaultInWords(), "");
  plc.Tell({Kind::kPlcBeat, 0, At(9000)});
  EXPECT_TRUE(sources.Step(1, TimePoint{}));
  EXPECT_TRUE(sources.failed());
  EXPECT_EQ(sources.dropped(), 1U);
  EXPECT_EQ(sources.FaultInWords(), "encoder, sensors or PLC (plc) failed: signals were lost");
}

TEST_F(SignalSourcesTest, ADeviceThatDoesNotStartIsNamed) {
  plc.RefuseToStart();
  EXPECT_TRUE(sources.Begin(0, At(0)));
  EXPECT_FALSE(sources.failed());
  EXPECT_FALSE(sources.Begin(1, At(0)));
  EXPECT_TRUE(sources.failed());
  EXPECT_EQ(sources.FaultInWords(), "encoder, sensors or PLC (plc) failed: not plugged in");
}

// A whole station whose belt and PLC are two devices.
class SeveralSignals : public testing::ScriptedLine {
 protected:
  SeveralSignals() { signal_devices = {{&signals, "belt"}, {&plc, "plc"}}; }
  void Name(std::uint32_t number) { plc.Tell({Kind::kPlcPart, number, clock.Now()}); }

  testing::ScriptedSignals plc;
};

TEST_F(SeveralSignals, EachReachesTheGate) {
  settings.gate.plc_names_parts = true;
  settings.gate.gate_sensor = true;
  settings.gate.belt = {gate::BeltMode::kByTime, 20'000'000, 2'000'000, 2'000'000, 15'000'000};
  Start();
  Edge();
  stepped->All();
  After(1);
  Name(4711);
  After(1);
  Frame();
  stepped->All();
  After(17);
  stepped->All();
  EXPECT_TRUE(pass());
  After(1);
  Signal(Kind::kGateSensor);
  stepped->Run(milliseconds(100), milliseconds(1));
  const gate::Decision* decision = Decided(1);
  ASSERT_NE(decision, nullptr);
  EXPECT_TRUE(decision->released);
  EXPECT_EQ(decision->plc_part, 4711U);
  EXPECT_EQ(stepped->counts().tracking_lost, 0U) << "the sensor saw the part in its place";
}

TEST_F(SeveralSignals, OneThatIsGoneEndsTheLineByItsName) {
  Start();
  plc.End(line::Wait::kFault);
  stepped->All();
  EXPECT_EQ(Words(), "encoder, sensors or PLC (plc) failed: the cable is cut");
  EXPECT_FALSE(output.energised(OutputLine::kReady));
}

TEST_F(SeveralSignals, TheLineEndsWhenTheLastOfThemHasEnded) {
  Start();
  plc.End();
  Part();
  EXPECT_EQ(stepped->sources_running(), 3) << "trigger, camera and belt go on";
  trigger.End();
  camera.End();
  stepped->Run(seconds(1), milliseconds(1));
  EXPECT_TRUE(stepped->runs());
  EXPECT_TRUE(Decided(1)->released);
  signals.End();
  stepped->Run(seconds(1), milliseconds(1));
  EXPECT_EQ(Words(), "");
}

TEST_F(SeveralSignals, EachHasALoopOfItsOwn) {
  Start();
  for (auto* device : {&signals, &plc}) device->Tell({Kind::kBinSensor, 0, clock.Now()});
  signals.End();
  plc.End();
  stepped->SignalsLoop(1);
  EXPECT_EQ(signals.asked(), 0);
  EXPECT_EQ(plc.asked(), 2);
  EXPECT_EQ(stepped->sources_running(), 3);
  stepped->SignalsLoop(0);
  EXPECT_EQ(signals.asked(), 2);
  EXPECT_EQ(stepped->signals_waiting(), 2U);
}

TEST(ThreadPlans, EveryDeviceThatTellsSignalsHasAThread) {
  EXPECT_EQ(ThreadPlansOf({}, 0).size(), 4U);
  const auto plans = ThreadPlansOf({}, 2);
  ASSERT_EQ(plans.size(), 6U);
  EXPECT_EQ(std::string(plans[5].name), "signals");
  EXPECT_EQ(plans[5].priority, 75);
}

}  // namespace
}  // namespace taktgate::station
