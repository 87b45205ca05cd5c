// Which devices a station file names, and what they find when they are opened.
#include "session/device_plan.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "session/station_file.h"
#include "session/test_example_camera.h"

namespace taktgate::session {
namespace {

using std::chrono::milliseconds;

StationFile Parsed(const std::string& tables, const DeviceKinds& kinds = ShippedDeviceKinds()) {
  auto file = ParseStationFile("[release]\nbundle = \"x.tgb\"\n" + tables, "/line", kinds);
  EXPECT_TRUE(file) << file.error().message;
  return file ? *file : StationFile{};
}

std::string MessageOf(const std::string& tables, const DeviceKinds& kinds = ShippedDeviceKinds()) {
  const auto file = ParseStationFile("[release]\nbundle = \"x.tgb\"\n" + tables, "/line", kinds);
  return file ? "accepted" : file.error().message;
}

class DevicePlanTest : public ::testing::Test {
 protected:
  VirtualClock clock;
  std::vector<std::string> notices;
  line::Surroundings around{clock, [this](std::string_view text) { notices.emplace_back(text); }};
};

TEST_F(DevicePlanTest, WithoutAnyKeyALineOfBoardsIsReplayed) {
  const StationFile file = Parsed("");
  EXPECT_TRUE(file.devices.facts.camera_replays && file.devices.facts.trigger_replays);
  EXPECT_FALSE(file.devices.facts.output_wired || file.devices.facts.trigger_wired);
  EXPECT_EQ(file.period, milliseconds(10));
  EXPECT_TRUE(file.devices.signals.empty());
  EXPECT_TRUE(file.devices.output(around));
  EXPECT_TRUE(file.devices.trigger(around));
}

TEST_F(DevicePlanTest, BoardsKnowTheirTruthByTheNamesOfTheRelease) {
  const StationFile file = Parsed("[camera]\ndefect_share = 0\n");
  around.class_names = {"scratch", "good"};
  const auto camera = file.devices.camera(around);
  ASSERT_TRUE(camera);
  EXPECT_EQ((*camera)->format(), (image::FrameFormat{192, 192, image::PixelFormat::kGrey8}));
  ASSERT_TRUE((*camera)->Start(TimePoint{}));
  EXPECT_EQ(around.truth_of(1), 1);
  around.class_names = {"scratch"};
  const auto other = file.devices.camera(around);
  ASSERT_TRUE((*other)->Start(TimePoint{}));
  EXPECT_EQ(around.truth_of(1), -1) << "a class that the release does not have";
}

TEST_F(DevicePlanTest, WhatIsWrongWithTheDataOfAReplayIsSaidWhenItIsOpened) {
  const StationFile file = Parsed("[camera]\nsource = \"replay\"\ndata = \"none.tsv\"\n");
  const auto camera = file.devices.camera(around);
  ASSERT_FALSE(camera);
  EXPECT_NE(camera.error().message.find("/line/none.tsv"), std::string::npos);
}

TEST_F(DevicePlanTest, ASharedLineBringsAllDevicesAndItsRateMayBeUnknown) {
  const StationFile file = Parsed("[line]\nshared = \"line\"\n");
  ASSERT_EQ(file.devices.signals.size(), 1U);
  EXPECT_EQ(file.devices.signals[0].kind, "shared");
  EXPECT_EQ(file.devices.facts.period, std::nullopt);
  EXPECT_EQ(file.period, LeastPeriod(file));
  EXPECT_EQ(FrameThere(file), std::chrono::microseconds(2700)) << "as of a usual camera";
  const auto output = file.devices.output(around);
  ASSERT_FALSE(output);
  EXPECT_NE(output.error().message.find("/line/line"), std::string::npos);
}

TEST_F(DevicePlanTest, ASourceThatNobodyKnowsNamesAllThereAre) {
  EXPECT_NE(MessageOf("[camera]\nsource = \"gige\"\n").find("one of sim, replay, got"),
            std::string::npos);
}

TEST_F(DevicePlanTest, AKeyOfAnotherSourceIsNotUnknown) {
  EXPECT_NE(
      MessageOf("[camera]\ndata = \"x.tsv\"\n").find("data goes with [camera] source = \"replay\""),
      std::string::npos);
  EXPECT_NE(MessageOf("[camera]\nsource = \"replay\"\ndata = \"x\"\ndesign = 1\n")
                .find("design goes with [camera] source = \"sim\""),
            std::string::npos);
  const std::string unknown = MessageOf("[camera]\nname = 1\n");
  EXPECT_NE(unknown.find("unknown key \"name\""), std::string::npos) << unknown;
}

// The camera of CONTRIBUTING.md.
DeviceKinds WithGrey() {
  DeviceKinds kinds = ShippedDeviceKinds();
  kinds.cameras.push_back(testing::kGreyCameraKind);
  return kinds;
}

TEST_F(DevicePlanTest, ANewCameraIsOneLineOfTheTable) {
  const StationFile file =
      Parsed("[camera]\nsource = \"grey\"\nshade = 7\n[input]\ntrigger = \"c/A\"\n", WithGrey());
  const auto camera = file.devices.camera(around);
  ASSERT_TRUE(camera);
  EXPECT_EQ((*camera)->format(), (image::FrameFormat{64, 48, image::PixelFormat::kGrey8}));
  ASSERT_TRUE((*camera)->Start(TimePoint{}));
  image::Frame frame;
  ASSERT_EQ((*camera)->Next(TimePoint(milliseconds(1)), frame), line::Wait::kReady);
  (*camera)->Release(frame);
  EXPECT_EQ((*camera)->Next(TimePoint(milliseconds(4)), frame), line::Wait::kTimeout);
  ASSERT_EQ((*camera)->Next(TimePoint(milliseconds(5)), frame), line::Wait::kReady);
  EXPECT_EQ(frame.info.sequence, 1U);
  EXPECT_EQ(frame.view.data[64 * 48 - 1], 7);
  (*camera)->Release(frame);
}

TEST_F(DevicePlanTest, MessagesKnowANewCamera) {
  EXPECT_NE(MessageOf("[camera]\nsource = \"gige\"\n", WithGrey()).find("sim, replay, grey"),
            std::string::npos);
  EXPECT_NE(MessageOf("[camera]\nshade = 7\n", WithGrey()).find("source = \"grey\""),
            std::string::npos);
  EXPECT_NE(MessageOf("[camera]\nsource = \"grey\"\nshade = 300\n", WithGrey()).find("0 to 255"),
            std::string::npos);
}

// A PLC that a table of its own names, beside what the line has.
line::Opener<line::Signals> ReadPlc(line::DeviceTables& tables, line::LineFacts& facts) {
  std::string address;
  tables["fieldbus"].Text("address", address);
  facts.Tells(line::Signal::Kind::kPlcPart);
  facts.CouldTell(line::Signal::Kind::kPlcPart, "name the PLC in [fieldbus] address");
  return [address](line::Surroundings&) -> Result<std::shared_ptr<line::Signals>> {
    return Error{ErrorCode::kNotFound, address + ": nobody answers"};
  };
}

DeviceKinds WithPlc() {
  DeviceKinds kinds = ShippedDeviceKinds();
  kinds.signals.push_back(
      {"fieldbus", [](line::DeviceTables& tables) { return tables["fieldbus"].Has("address"); },
       ReadPlc});
  return kinds;
}

constexpr char kInputs[] =
    "[line]\nshared = \"line\"\n[plc]\nnames_parts = true\n"
    "[input]\ntrigger = \"c/A\"\nbin_sensor = \"c/B\"\n";

TEST_F(DevicePlanTest, EveryDeviceThatTellsSignalsIsHeard) {
  const StationFile file =
      Parsed(std::string(kInputs) + "[fieldbus]\naddress = \"10.0.0.7\"\n", WithPlc());
  ASSERT_EQ(file.devices.signals.size(), 2U);
  EXPECT_EQ(file.devices.signals[0].kind, "gpio");
  EXPECT_EQ(file.devices.signals[1].kind, "fieldbus");
  EXPECT_TRUE(file.devices.facts.HasSignal(line::Signal::Kind::kBinSensor));
  EXPECT_FALSE(file.devices.facts.HasSignal(line::Signal::Kind::kEncoder));
  EXPECT_EQ(file.devices.signals[1].open(around).error().message, "10.0.0.7: nobody answers");
}

TEST_F(DevicePlanTest, AKindThatIsNotNamedSaysOnlyHowToNameIt) {
  EXPECT_NE(MessageOf(kInputs, WithPlc())
                .find("[plc] names_parts needs a PLC: name the PLC in [fieldbus] address"),
            std::string::npos);
  EXPECT_NE(MessageOf(kInputs).find("needs a PLC: no device that can be named here tells it"),
            std::string::npos);
}

TEST(LineFacts, WhatSeveralDevicesCouldTellHasARemedyOfEach) {
  line::LineFacts facts;
  EXPECT_EQ(facts.RemedyFor(line::Signal::Kind::kEncoder), "");
  for (const char* remedy : {"do this", "", "do that"}) {
    facts.CouldTell(line::Signal::Kind::kEncoder, remedy);
  }
  EXPECT_EQ(facts.RemedyFor(line::Signal::Kind::kEncoder), "do this, or do that");
  EXPECT_EQ(facts.RemedyFor(line::Signal::Kind::kPlcBeat), "");
  EXPECT_FALSE(facts.HasSignal(line::Signal::Kind::kEncoder)) << "but it does not";
}

TEST_F(DevicePlanTest, ATableOfAKindIsKnownWhereItIsThere) {
  EXPECT_NE(MessageOf("[fieldbus]\naddress = \"10.0.0.7\"\n").find("unknown table"),
            std::string::npos);
  EXPECT_NE(MessageOf("[fieldbus]\nport = 1\n", WithPlc()).find("[fieldbus]: unknown key \"port\""),
            std::string::npos);
}

TEST_F(DevicePlanTest, FramesOfRealPartsNeedALightBarrier) {
  EXPECT_NE(MessageOf("[camera]\nsource = \"grey\"\n", WithGrey()).find("name the light barrier"),
            std::string::npos);
  EXPECT_EQ(MessageOf("[camera]\nsource = \"grey\"\n[input]\ntrigger = \"c/A\"\n", WithGrey()),
            "accepted");
}

}  // namespace
}  // namespace taktgate::session
