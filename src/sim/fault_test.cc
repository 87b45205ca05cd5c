#include "sim/fault.h"

#include <gtest/gtest.h>

#include "sim/line_file.h"
#include "sim/soft_settings.h"

namespace taktgate::sim {
namespace {

using std::chrono::milliseconds;

Upsets Of(FaultKind kind, std::uint64_t part = 1) {
  Fault fault;
  fault.kind = kind;
  fault.count = 3;
  fault.time = milliseconds(7);
  fault.factor = 5;
  Upsets upsets;
  upsets.Add(fault, part);
  return upsets;
}

TEST(Upsets, AFaultOfAPartUpsetsWhatItIsCalledAfter) {
  EXPECT_EQ(Of(FaultKind::kBounce).bounces, 3U);
  EXPECT_EQ(Of(FaultKind::kBounce).bounce_over, milliseconds(7));
  EXPECT_TRUE(Of(FaultKind::kMissingEdge).missing_edge);
  EXPECT_TRUE(Of(FaultKind::kTriggerIgnored).trigger_ignored);
  EXPECT_TRUE(Of(FaultKind::kTriggersCoalesced).triggers_coalesced);
  EXPECT_TRUE(Of(FaultKind::kFrameLost).frame_lost);
  EXPECT_TRUE(Of(FaultKind::kFramePartial).frame_partial);
  EXPECT_EQ(Of(FaultKind::kFrameLate).frame_late, milliseconds(7));
  EXPECT_TRUE(Of(FaultKind::kFrameDoubled).frame_doubled);
  EXPECT_TRUE(Of(FaultKind::kFrameRepeated).frame_repeated);
  EXPECT_TRUE(Of(FaultKind::kFrameStale).frame_stale);
  EXPECT_TRUE(Of(FaultKind::kLensCap).lens_cap);
  EXPECT_EQ(Of(FaultKind::kModelTakes).model_takes, milliseconds(7));
  EXPECT_EQ(Of(FaultKind::kModelFactor).model_factor, 5);
  EXPECT_TRUE(Of(FaultKind::kModelHangs).model_hangs);
  EXPECT_TRUE(Of(FaultKind::kModelNan).model_error);
  EXPECT_TRUE(Of(FaultKind::kModelThrows).model_error);
  EXPECT_TRUE(Of(FaultKind::kPartRemoved).removed);
  EXPECT_TRUE(Of(FaultKind::kPlcNumberMissing).number_missing);
  EXPECT_TRUE(Of(FaultKind::kPlcNumberTwice).number_twice);
  EXPECT_EQ(Of(FaultKind::kPlcNumberLate).number_late, milliseconds(7));
  EXPECT_TRUE(Of(FaultKind::kBinMisses).bin_misses);
  EXPECT_EQ(Of(FaultKind::kOutputSlow).output_slow, milliseconds(7));
  EXPECT_EQ(Of(FaultKind::kChallenge).challenge, 3U);
}

TEST(Upsets, AModelThatSlowsDownIsThereAfterAThousandParts) {
  EXPECT_EQ(Of(FaultKind::kModelRamp, 1).model_factor, 1);
  EXPECT_DOUBLE_EQ(Of(FaultKind::kModelRamp, 501).model_factor, 3);
  EXPECT_EQ(Of(FaultKind::kModelRamp, 1001).model_factor, 5);
  EXPECT_EQ(Of(FaultKind::kModelRamp, 9999).model_factor, 5);
}

TEST(Upsets, AFaultOfATimeUpsetsNoPart) {
  for (const FaultKind kind : {FaultKind::kCameraStalls, FaultKind::kBeltStops,
                               FaultKind::kStationKilled, FaultKind::kCountersNearWrap}) {
    const Upsets upsets = Of(kind);
    EXPECT_EQ(upsets.bounces, 0U);
    EXPECT_FALSE(upsets.frame_lost || upsets.missing_edge || upsets.removed);
    EXPECT_EQ(upsets.model_factor, 1);
  }
}

TEST(Upsets, SeveralFaultsOfOnePartAddUp) {
  Upsets upsets;
  for (const FaultKind kind : {FaultKind::kFrameLost, FaultKind::kBinMisses}) {
    Fault fault;
    fault.kind = kind;
    upsets.Add(fault, 1);
  }
  EXPECT_TRUE(upsets.frame_lost && upsets.bin_misses);
}

TEST(Fault, HitsItsPartsAndNoOther) {
  Fault fault;
  fault.first_part = 10;
  fault.last_part = 30;
  fault.every = 10;
  for (std::uint64_t part = 1; part < 50; ++part) {
    EXPECT_EQ(fault.Hits(part, 0.999), part == 10 || part == 20 || part == 30) << part;
  }
  EXPECT_TRUE(Fault().Hits(1, 0.999)) << "without a place: every part";
  EXPECT_TRUE(Fault().Hits(UINT64_MAX, 0.999));
  fault.probability = 0;
  EXPECT_FALSE(fault.Hits(10, 0));
}

// What the messages of fault scripts promise, for each kind: what it needs, and that this is
// enough.
TEST(FaultKinds, EachIsReadWithTheKeysThatItNeeds) {
  for (int k = 0; k <= static_cast<int>(FaultKind::kCountersNearWrap); ++k) {
    const FaultKindInfo& info = InfoOf(static_cast<FaultKind>(k));
    const auto with = [&](FaultKey key, const char* text) {
      return (info.keys & key) != 0 ? std::string(text) + "\n" : std::string();
    };
    const std::string head = "[[fault]]\nkind = \"" + std::string(info.name) + "\"\n";
    const std::string needed = with(kTakesMoment, "at = \"1s\"") +
                               with(kNeedsLasts, "for = \"50ms\"") +
                               with(kNeedsTime, "time = \"12ms\"") +
                               with(kNeedsCount, "count = 2") + with(kNeedsFactor, "factor = 2.0");
    const auto whole = ParseFaultScript(head + needed, "");
    EXPECT_TRUE(whole) << head << needed << whole.error().message;
    EXPECT_EQ(ParseFaultScript(head, "").has_value(), needed.empty()) << info.name;
    const char* foreign = (info.keys & kTakesParts) != 0 ? "at = \"1s\"" : "parts = [1, 2]";
    EXPECT_FALSE(ParseFaultScript(head + needed + foreign, "")) << info.name;
  }
  EXPECT_EQ(FindFaultKind("Bounce"), nullptr);
  EXPECT_EQ(FindFaultKind(""), nullptr);
}

TEST(SoftSettings, PitchIsInTheUnitOfTheBelt) {
  SoftSettings line;
  line.parts_per_second = 50;
  EXPECT_EQ(line.pitch(), 20 * kMs);
  line.gate = GateSettingsOf(gate::BeltMode::kByCount, line.parts_per_second);
  EXPECT_EQ(line.pitch(), 60) << "counts";
  EXPECT_EQ(line.count_time(), Duration(333'333));
}

TEST(SoftSettings, ThoseOfEachModeAreSoundAndTheNearestPartsMustFit) {
  for (const auto mode :
       {gate::BeltMode::kAtCamera, gate::BeltMode::kByTime, gate::BeltMode::kByCount}) {
    SoftSettings line;
    line.parts_per_second = 100;
    line.gate = GateSettingsOf(mode, line.parts_per_second);
    EXPECT_TRUE(CheckSoftSettings(line));
  }
  SoftSettings line;
  line.gate = GateSettingsOf(gate::BeltMode::kAtCamera, 100);
  line.parts_per_second = 111;
  EXPECT_TRUE(CheckSoftSettings(line)) << "9.009 ms apart, the gate takes 9";
  line.parts_per_second = 112;
  EXPECT_FALSE(CheckSoftSettings(line));
  line.parts_per_second = 103;
  line.spacing = SpacingLaw::kJittered;
  const Status jittered = CheckSoftSettings(line);
  ASSERT_FALSE(jittered) << "some come at 0.92 of that";
  EXPECT_NE(jittered.error().message.find("lower parts_per_second"), std::string::npos);
}

}  // namespace
}  // namespace taktgate::sim
