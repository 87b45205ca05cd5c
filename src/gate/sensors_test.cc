// Other sensors and people: gate sensor, reject bin, PLC, challenge parts.
#include <gtest/gtest.h>

#include "gate/test_recorder.h"

namespace taktgate::gate {
namespace {

using judge::Reason;
using judge::Verdict;
using std::chrono::milliseconds;
using testing::At;
using testing::GateFixture;

GateSettings WithGateSensor() {
  constexpr std::int64_t kMs = 1'000'000;
  GateSettings settings;
  settings.escalation = EscalationSettings::Off();
  settings.belt = {BeltMode::kByTime, 50 * kMs, 2 * kMs, 3 * kMs, 10 * kMs, 20, {}};
  settings.gate_sensor = true;
  return settings;
}

class GateSensor : public GateFixture {
 protected:
  GateSensor() : GateFixture(WithGateSensor()) {}
};

TEST_F(GateSensor, PartsThatAreSeenInTheirPlacesPass) {
  GoodPart(1, 0);
  GoodPart(2, 10);
  gate.On(event::GateSensor{At(49), At(49)});
  gate.On(event::Time{At(55)});
  gate.On(event::GateSensor{At(59), At(59)});
  gate.On(event::Time{At(70)});
  EXPECT_TRUE(out.decisions[1].released && out.decisions[2].released);
  EXPECT_TRUE(out.cut_short.empty());
  EXPECT_EQ(gate.counts().tracking_lost, 0U);
}

TEST_F(GateSensor, APartThatIsNotSeenPutsAllBehindItInDoubt) {
  GoodPart(1, 0);
  GoodPart(2, 10);
  gate.On(event::Time{At(49)});
  gate.On(event::Time{At(53)});
  EXPECT_EQ(out.ReasonOf(2), Reason::kTrackingLost);
  EXPECT_EQ(out.Last(AlarmKind::kTrackingLost), Severity::kAmber);
  gate.On(event::Time{At(59)});
  EXPECT_FALSE(out.pass());
}

TEST_F(GateSensor, ASecondPartInOnePlacePutsAllInDoubt) {
  GoodPart(1, 0);
  GoodPart(2, 10);
  gate.On(event::GateSensor{At(49), At(49)});
  ASSERT_EQ(gate.counts().tracking_lost, 0U);
  gate.On(event::GateSensor{At(51),
                            At(51)});  // the encoder has stood still, or a part was put on the belt
  EXPECT_EQ(gate.counts().tracking_lost, 1U);
  EXPECT_FALSE(out.pass());
  EXPECT_EQ(out.ReasonOf(2), Reason::kTrackingLost);
}

TEST_F(GateSensor, AtTheEndOfAPlaceItsPartIsGone) {
  GoodPart(1, 0);
  gate.On(event::GateSensor{At(53), At(53)});
  EXPECT_EQ(gate.counts().tracking_lost, 2U) << "one was not seen, and one that nobody knows was";
}

TEST_F(GateSensor, APlaceBeginsWithItsFirstMoment) {
  GoodPart(1, 0);
  gate.On(event::GateSensor{At(48), At(48)});
  gate.On(event::Time{At(60)});
  EXPECT_EQ(gate.counts().tracking_lost, 0U);
}

// The places of a double edge overlap; one of them was seen already.
TEST_F(GateSensor, OneUnseenPartInThePlaceIsEnough) {
  gate.On(event::Trigger{0, At(0), At(0)});
  gate.On(event::Trigger{0, At(1), At(1)});
  gate.On(event::GateSensor{At(53.5), At(53.5)});
  ASSERT_EQ(gate.counts().tracking_lost, 1U) << "the first left unseen";
  gate.On(event::GateSensor{At(50), At(53.6)});
  EXPECT_EQ(gate.counts().tracking_lost, 1U);
}

TEST_F(GateSensor, WhatIsToldAfterThePlaceIsToldTooLate) {
  GoodPart(1, 0);
  gate.On(event::GateSensor{At(52.9), At(53)});
  EXPECT_EQ(gate.counts().tracking_lost, 1U);
}

TEST_F(GateSensor, WhatWasSeenBeforeASuspensionProvesNothing) {
  GoodPart(1, 0);
  gate.On(event::Resumed{At(49), At(49)});
  ASSERT_EQ(gate.counts().tracking_lost, 1U);
  gate.On(event::GateSensor{At(48.5), At(49.5)});
  EXPECT_EQ(gate.counts().tracking_lost, 2U);
}

TEST_F(GateSensor, APartOutsideEveryPlaceTakesPassOffTheWire) {
  GoodPart(1, 0);
  gate.On(event::GateSensor{At(30), At(30)});
  EXPECT_EQ(out.ReasonOf(1), Reason::kTrackingLost);
  EXPECT_EQ(out.Last(AlarmKind::kTrackingLost), Severity::kAmber);
  EXPECT_TRUE(out.Has(Line::kAmber)) << "at once";
}

GateSettings WithBinSensor() {
  GateSettings settings;
  settings.bin_within = milliseconds(50);
  return settings;
}

class BinSensor : public GateFixture {
 protected:
  BinSensor() : GateFixture(WithBinSensor()) {}
};

TEST_F(BinSensor, AgreesWithARejectThatFallsAndAPassThatDoesNot) {
  WholePart(1, 0, Verdict::kFail);
  GoodPart(2, 10);
  RunUntil(30);
  gate.On(event::BinSensor{At(30), At(30)});
  EXPECT_EQ(out.bin[1], Verified::kAgreed) << "at once";
  RunUntil(69);
  EXPECT_EQ(out.bin[1], Verified::kAgreed);
  EXPECT_EQ(out.bin[2], Verified::kAgreed);
  EXPECT_TRUE(out.alarms.empty());
}

TEST_F(BinSensor, OnePartFallsOnce) {
  WholePart(1, 0, Verdict::kFail);
  gate.On(event::BinSensor{At(5), At(5)});
  gate.On(event::BinSensor{At(6), At(6)});
  EXPECT_EQ(gate.counts().bin_disagreements, 1U) << "somebody else's";
}

TEST_F(BinSensor, ARejectThatNeverFallsIsAmberAndTheSecondStopsTheLine) {
  WholePart(1, 0, Verdict::kFail);
  RunUntil(58.9);
  EXPECT_TRUE(out.bin.empty());
  EXPECT_EQ(gate.NextTimer(), At(59));
  RunUntil(59);
  EXPECT_EQ(out.bin[1], Verified::kDisagreed);
  EXPECT_TRUE(out.Has(Line::kAmber));
  WholePart(2, 100, Verdict::kFail);
  RunUntil(160);
  EXPECT_FALSE(out.Has(Line::kLineStop));
  EXPECT_EQ(gate.counts().bin_disagreements, 2U);
}

TEST_F(BinSensor, APassInTheBinDisagrees) {
  GoodPart(1, 0);
  gate.On(event::BinSensor{At(12), At(12)});
  EXPECT_EQ(out.Last(AlarmKind::kBinDisagrees), Severity::kAmber);
}

TEST_F(BinSensor, APartThatIsNotDecidedYetCannotHaveFallen) {
  gate.On(event::Trigger{0, At(0), At(0)});
  gate.On(event::BinSensor{At(3), At(3)});
  EXPECT_EQ(gate.counts().bin_disagreements, 1U);
}

TEST_F(BinSensor, SpeaksOnceOfAPartThatFellAheadOfItsNeighbour) {
  WholePart(1, 0, Verdict::kPass);
  WholePart(2, 10, Verdict::kFail);
  RunUntil(20);
  gate.On(event::BinSensor{At(20), At(20)});
  EXPECT_EQ(out.bin[2], Verified::kAgreed);
  EXPECT_FALSE(out.bin.contains(1));
  RunUntil(100);
}

TEST_F(BinSensor, APartThatIsRejectedInThisMomentMayFallInIt) {
  gate.On(event::Trigger{0, At(0), At(0)});
  gate.On(event::BinSensor{At(8), At(8)});
  EXPECT_EQ(out.ReasonOf(1), Reason::kNoFrame);
  EXPECT_EQ(gate.counts().bin_disagreements, 0U);
}

TEST_F(BinSensor, APartWhosePassWasCutShortMayFallAndIsNotTakenForItsNeighbour) {
  GoodPart(1, 0);
  ASSERT_TRUE(gate.On(event::Command{Command::kStop, At(5), At(5)}));
  ASSERT_EQ(out.cut_short, std::vector<std::uint64_t>{1});
  gate.On(event::Trigger{0, At(10), At(10)});  // offline, a reject
  RunUntil(28);
  gate.On(event::BinSensor{At(28), At(28)});  // part 1; part 2 never falls
  RunUntil(70);
  EXPECT_EQ(out.bin[1], Verified::kAgreed);
  EXPECT_EQ(out.bin[2], Verified::kDisagreed);
}

GateSettings WithPlc() {
  GateSettings settings;
  settings.escalation = EscalationSettings::Off();
  settings.plc_names_parts = true;
  return settings;
}

class PlcNames : public GateFixture {
 protected:
  PlcNames() : GateFixture(WithPlc()) {}
};

TEST_F(PlcNames, APartWaitsForItsNumber) {
  GoodPart(1, 0);
  EXPECT_FALSE(out.pass());
  EXPECT_EQ(gate.NextTimer(), At(8)) << "its answer is due";
  gate.On(event::PlcPart{4711, At(5), At(5)});
  EXPECT_TRUE(out.pass());
  EXPECT_TRUE(out.decisions[1].has_plc_part);
  EXPECT_EQ(out.decisions[1].plc_part, 4711U);
}

TEST_F(PlcNames, APartWithoutANumberIsRejectedWhenItsAnswerIsDue) {
  GoodPart(1, 0);
  gate.On(event::Time{At(8)});
  EXPECT_EQ(out.ReasonOf(1), Reason::kPlcAbsent);
}

TEST_F(PlcNames, ANumberThatComesAfterTheAnswerWasDueFindsThePartRejectedForWantOfIt) {
  GoodPart(1, 0);
  gate.On(event::PlcPart{4711, At(5), At(8)});
  EXPECT_EQ(out.ReasonOf(1), Reason::kPlcAbsent);
  EXPECT_EQ(gate.counts().plc_mismatches, 1U) << "the number is nobody's";
}

TEST_F(PlcNames, ASecondNumberPutsThePartInDoubt) {
  gate.On(event::Trigger{0, At(0), At(0)});
  gate.On(event::PlcPart{1, At(1), At(1)});
  gate.On(event::PlcPart{2, At(2), At(2)});
  EXPECT_EQ(out.ReasonOf(1), Reason::kPlcMismatch);
  EXPECT_EQ(gate.counts().plc_mismatches, 1U);
}

// A number that waited can only mean parts whose edge came before it.
TEST_F(PlcNames, ANumberThatIsToldLateIsNotOfALaterPart) {
  gate.On(event::Trigger{0, At(0), At(0)});
  gate.On(event::Trigger{0, At(6), At(6)});
  gate.On(event::PlcPart{1, At(5), At(7)});
  EXPECT_EQ(gate.counts().plc_mismatches, 0U);
  gate.On(event::PlcPart{2, At(6), At(7.5)});
  EXPECT_EQ(gate.counts().plc_mismatches, 0U) << "only the second part has none";
}

TEST(PlcNamesInAFullRing, EachPartIsLookedAtOnce) {
  GateSettings settings = WithPlc();
  settings.parts_in_flight = 2;
  testing::Recorder out;
  Gate gate(settings, out);
  testing::GoOnline(gate);
  gate.On(event::Trigger{0, At(0), At(0)});
  gate.On(event::Trigger{0, At(6), At(6)});
  gate.On(event::PlcPart{1, At(5), At(7)});
  EXPECT_EQ(gate.counts().plc_mismatches, 0U) << "only the first part can be meant";
}

TEST_F(PlcNames, ANumberOfTheVeryMomentOfTheEdgeIsThatParts) {
  gate.On(event::Trigger{0, At(0), At(0)});
  gate.On(event::PlcPart{1, At(0), At(0)});
  EXPECT_EQ(gate.counts().plc_mismatches, 0U);
}

GateSettings WithPlcBeat() {
  GateSettings settings;
  settings.escalation = EscalationSettings::Off();
  settings.plc_beat_within = std::chrono::seconds(2);
  return settings;
}

class PlcBeat : public GateFixture {
 protected:
  PlcBeat() : GateFixture(WithPlcBeat()) {}
};

TEST(PlcBeatBeforeTheLine, IsNotWaitedFor) {
  GateSettings settings = WithPlcBeat();
  settings.plc_beat_within = milliseconds(100);
  testing::Recorder out;
  Gate gate(settings, out);
  ASSERT_TRUE(gate.On(event::Command{Command::kInitialize, At(0), At(0)}));
  EXPECT_EQ(gate.NextTimer(), At(500)) << "the heart, and nothing else";
}

TEST_F(PlcBeat, AChangeThatComesWhenTheTimeIsOverIsTooLate) {
  gate.On(event::PlcBeat{true, At(100), At(100)});
  gate.On(event::PlcBeat{false, At(2100), At(2100)});
  EXPECT_EQ(out.Last(AlarmKind::kPlcSilent), Severity::kAmber);
}

TEST_F(PlcBeat, ALevelThatIsToldAfterItsTimeIsSilenceAtOnce) {
  gate.On(event::PlcBeat{true, At(100), At(2150)});
  EXPECT_EQ(out.Last(AlarmKind::kPlcSilent), Severity::kAmber);
  EXPECT_GT(gate.NextTimer(), At(2150)) << "nothing is left to be said";
}

TEST_F(PlcBeat, SilenceCountsFromTheLevelThatIsToldLate) {
  gate.On(event::PlcBeat{true, At(100), At(500)});
  RunUntil(2099);
  EXPECT_EQ(out.Last(AlarmKind::kPlcSilent), Severity::kCalm);
  RunUntil(2100);
  EXPECT_EQ(out.Last(AlarmKind::kPlcSilent), Severity::kAmber);
}

TEST_F(PlcBeat, NothingPassesBeforeItHasChanged) {
  gate.On(event::Trigger{0, At(0), At(0)});
  EXPECT_EQ(out.ReasonOf(1), Reason::kPlcAbsent);
  gate.On(event::PlcBeat{true, At(15), At(15)});
  gate.On(event::Trigger{0, At(20), At(20)});
  EXPECT_EQ(out.ReasonOf(2), Reason::kPlcAbsent) << "a level is no beat";
  gate.On(event::PlcBeat{false, At(35), At(35)});
  GoodPart(3, 40);
  EXPECT_TRUE(out.decisions[3].released);
  EXPECT_TRUE(out.alarms.empty());
}

TEST_F(PlcBeat, StandingStillAtEitherLevelIsAFaultAfterTwoSeconds) {
  for (const bool level : {true, false}) {
    const double start = level ? 0 : 10'000;
    gate.On(event::PlcBeat{!level, At(start), At(start)});
    gate.On(event::PlcBeat{level, At(start + 1), At(start + 1)});
    RunUntil(start + 1900);
    gate.On(event::PlcBeat{level, At(start + 1900), At(start + 1900)});  // read again, not changed
    gate.On(event::Trigger{0, At(start + 2000), At(start + 2000)});
    RunUntil(start + 2000.9);
    EXPECT_EQ(out.Last(AlarmKind::kPlcSilent), Severity::kCalm) << level;
    EXPECT_EQ(gate.NextTimer(), At(start + 2001));
    gate.On(event::Time{At(start + 2001)});
    EXPECT_EQ(out.Last(AlarmKind::kPlcSilent), Severity::kAmber) << level;
    EXPECT_EQ(out.ReasonOf(level ? 1 : 2), Reason::kPlcAbsent);
    ASSERT_TRUE(gate.On(
        event::Acknowledge{event::ShortName("shift lead"), At(start + 3000), At(start + 3000)}));
    out.alarms.clear();
  }
}

TEST_F(PlcBeat, SilenceCountsFromTheStart) {
  gate.On(event::PlcBeat{true, At(100), At(100)});
  gate.On(event::Command{Command::kStop, At(1000), At(1000)});
  gate.On(event::Command{Command::kStartContinuous, At(10'000), At(10'000)});
  gate.On(event::Time{At(11'999)});
  EXPECT_EQ(out.Last(AlarmKind::kPlcSilent), Severity::kCalm);
  gate.On(event::Trigger{0, At(11'900), At(11'999)});
  gate.On(event::Time{At(12'000)});
  EXPECT_EQ(out.Last(AlarmKind::kPlcSilent), Severity::kAmber);
  EXPECT_EQ(out.alarms.back().part.sequence, 1U) << "the last part";
}

TEST_F(PlcBeat, SilenceTakesAPassOffTheWire) {
  gate.On(event::PlcBeat{true, At(0), At(0)});
  gate.On(event::PlcBeat{false, At(1), At(1)});
  GoodPart(1, 1995);
  ASSERT_TRUE(out.pass());
  RunUntil(2001);
  EXPECT_FALSE(out.pass());
  EXPECT_EQ(out.cut_short, std::vector<std::uint64_t>{1});
}

class ChallengeParts : public GateFixture {};

TEST_F(ChallengeParts, KnownBadPartsThatAreRejectedReleaseTheLine) {
  ASSERT_TRUE(gate.On(event::StartChallenge{2, At(0), At(0)}));
  WholePart(1, 0, Verdict::kFail);
  WholePart(2, 10, Verdict::kUnknown);
  EXPECT_TRUE(gate.challenge().passed());
  EXPECT_EQ(gate.challenge().ended_at, At(14));
  GoodPart(3, 20);
  EXPECT_TRUE(out.decisions[3].released);
}

TEST_F(ChallengeParts, WhatIsInFlightWhenItBeginsIsRejectedForIt) {
  gate.On(event::Trigger{0, At(0), At(0)});
  gate.On(event::StartChallenge{2, At(1), At(1)});
  EXPECT_EQ(out.ReasonOf(1), Reason::kChallenge);
  EXPECT_EQ(gate.challenge().unproven + gate.challenge().rejected, 0U) << "it is none of its parts";
}

TEST_F(ChallengeParts, WhatWasOverBeforeItBeginsHasItsOwnReason) {
  gate.On(event::Trigger{0, At(0), At(0)});
  gate.On(event::StartChallenge{2, At(8), At(8)});
  EXPECT_EQ(out.ReasonOf(1), Reason::kNoFrame);
}

TEST_F(ChallengeParts, AKnownBadPartThatWouldPassStopsTheLineUntilAChallengeIsPassed) {
  ASSERT_TRUE(gate.On(event::StartChallenge{2, At(0), At(0)}));
  WholePart(1, 0, Verdict::kPass);
  EXPECT_EQ(out.ReasonOf(1), Reason::kChallenge);
  EXPECT_EQ(gate.challenge().missed, 1U);
  EXPECT_EQ(out.Last(AlarmKind::kChallengeMissed), Severity::kStop);
  EXPECT_FALSE(gate.challenge().passed());
  EXPECT_FALSE(out.Has(Line::kLineStop));
  ASSERT_TRUE(gate.On(event::Acknowledge{event::ShortName("shift lead"), At(10), At(10)}));
  GoodPart(2, 20);
  EXPECT_EQ(out.ReasonOf(2), Reason::kChallenge) << "an acknowledgement does not prove the model";
  ASSERT_TRUE(gate.On(event::StartChallenge{1, At(30), At(30)}));
  WholePart(3, 30, Verdict::kFail);
  GoodPart(4, 40);
  EXPECT_TRUE(out.decisions[4].released);
}

TEST_F(ChallengeParts, APartThatTheModelDidNotSeeProvesNothing) {
  ASSERT_TRUE(gate.On(event::StartChallenge{1, At(0), At(0)}));
  gate.On(event::Trigger{0, At(0), At(0)});
  gate.On(event::Time{At(9)});
  EXPECT_EQ(gate.challenge().unproven, 1U);
  EXPECT_FALSE(gate.challenge().passed());
  EXPECT_FALSE(gate.On(event::StartChallenge{0, At(9), At(9)}));
}

TEST(Challenge, ALineThatWantsOneFirstReleasesNothingBefore) {
  GateSettings settings;
  settings.challenge_first = true;
  testing::Recorder out;
  Gate gate(settings, out);
  testing::GoOnline(gate);
  gate.On(event::Trigger{0, At(0), At(0)});
  gate.On(event::Frame{{0, At(2), At(2), false, 0}, At(2)});
  gate.On(event::Answered{*out.running, testing::MakeAnswer(Verdict::kPass), At(4)});
  EXPECT_EQ(out.ReasonOf(1), Reason::kChallenge);
}

}  // namespace
}  // namespace taktgate::gate
