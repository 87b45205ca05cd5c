// `taktgate replay` on an incident that a test writes, and `taktgate sim`.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "apps/test_program.h"
#include "base/json_text.h"
#include "base/test_tree.h"
#include "gate/recorded_gate.h"
#include "image/decode.h"
#include "incident/incident_recorder.h"
#include "record/test_releases.h"

namespace taktgate::apps {
namespace {

using testing::Ended;
using testing::ExpectRefused;
using testing::Has;
using testing::Taktgate;
using testing::TextOf;

TimePoint At(std::int64_t ms) { return TimePoint(std::chrono::milliseconds(ms)); }

class ReplayCommand : public ::testing::Test {
 protected:
  // An incident of `parts` parts, none of them answered, with one frame.
  void WriteIncident(int parts) {
    incident::IncidentSettings settings;
    settings.folder = tree.root();
    const gate::GateSettings gate_settings;
    incident::IncidentHeader header;
    header.program = "0.0.1";
    header.station = "line 3";
    header.boot = 7;
    incident::IncidentRecorder recorder(
        settings, gate_settings, header, 24, [](std::string_view) {},
        record::testing::SmallReleases());
    gate::GateOutputs outputs;
    gate::RecordedGate gate(gate_settings, outputs, recorder.log());
    recorder.Start();
    gate.On(gate::event::Command{gate::Command::kInitialize, At(0), At(0)});
    for (int part = 1; part <= parts; ++part) {
      gate.On(gate::event::Trigger{0, At(10 * part), At(10 * part)});
      gate.On(gate::event::Time{At(10 * part + 9)});
    }
    const image::Image pixels{std::vector<std::uint8_t>(6 * 4, 99), 6, 4,
                              image::PixelFormat::kGrey8};
    recorder.frames().Keep({{5, At(2), At(3), image::FrameStatus::kComplete}, pixels.View(), 1});
    recorder.Want(incident::IncidentReason::kRequest);
    recorder.CollectIfWanted(gate, At(10 * parts + 9));
    ASSERT_TRUE(recorder.Stop());
    ASSERT_TRUE(std::filesystem::exists(incident));
  }
  Ended Replay(std::vector<std::string> words) const {
    words.insert(words.begin(), {"replay", incident});
    return Taktgate(words);
  }
  std::string Path(const std::string& name) const { return (tree.root() / name).string(); }

  taktgate::testing::Tree tree;
  const std::string incident = Path("incident-000001-request.tgi");
};

TEST_F(ReplayCommand, DecidesAgainAndSaysThatAllIsTheSame) {
  WriteIncident(3);
  const Ended ended = Replay({});
  EXPECT_EQ(ended.code, kExitOk) << ended.err;
  EXPECT_TRUE(Has(ended.out, "request at station line 3, boot 7"));
  EXPECT_TRUE(Has(ended.out, "written by taktgate 0.0.1, replayed by "));
  EXPECT_TRUE(Has(ended.out, "release 1: small 1 ("));
  EXPECT_TRUE(Has(ended.out, "3 parts, 1 frames with pixels"));
  EXPECT_TRUE(Has(ended.out, "all 3 decisions"));
}

TEST_F(ReplayCommand, ShowsTheLastPartsUnlessAllAreWanted) {
  WriteIncident(25);
  const Ended last = Replay({});
  const Ended all = Replay({"--all"});
  EXPECT_TRUE(Has(last.out, "the last 20 parts"));
  EXPECT_EQ(all.out.find("the last 20 parts"), std::string::npos);
  EXPECT_GT(all.out.size(), last.out.size());
}

TEST_F(ReplayCommand, WritesPartsAndFrames) {
  WriteIncident(3);
  const Ended ended = Replay({"--json", Path("out.json"), "--frames", Path("pictures")});
  EXPECT_EQ(ended.code, kExitOk) << ended.err;
  const auto json = LooseJson(TextOf(tree.root() / "out.json"));
  EXPECT_EQ(json.value("station", ""), "line 3");
  ASSERT_EQ(json["parts"].size(), 3U);
  EXPECT_FALSE(json["parts"][0].value("released", true));
  EXPECT_TRUE(json["replay"].value("same", false));
  EXPECT_EQ(json["replay"].value("decisions", 0), 3);
  const auto frame = image::DecodeFile(tree.root() / "pictures/frame-5-part-none.png");
  ASSERT_TRUE(frame) << frame.error().message;
  EXPECT_EQ(frame->pixels, std::vector<std::uint8_t>(6 * 4, 99));
}

TEST_F(ReplayCommand, WhatCannotBeWrittenIsNoSuccess) {
  WriteIncident(1);
  const Ended json = Replay({"--json", Path("no/folder/out.json")});
  EXPECT_EQ(json.code, kExitBadInput);
  EXPECT_TRUE(Has(json.err, "out.json"));
  tree.Write("file", "in the way");
  const Ended frames = Replay({"--frames", Path("file/pictures")});
  EXPECT_EQ(frames.code, kExitBadInput);
  EXPECT_TRUE(Has(frames.err, Path("file/pictures")));
}

TEST_F(ReplayCommand, ADamagedIncidentAndABundleThatIsMissingAreRefused) {
  WriteIncident(1);
  ExpectRefused(Replay({"--bundle", Path("none.tgb")}), kExitBadInput, {"none.tgb"});
  std::filesystem::resize_file(incident, std::filesystem::file_size(incident) - 1);
  ExpectRefused(Replay({}), kExitBadInput, {incident});
}

class SimCommand : public ReplayCommand {};

TEST_F(SimCommand, WritesBoardsOnce) {
  const std::vector<std::string> words{"sim", "--out", Path("boards"), "--parts", "2", "--windows"};
  const Ended ended = Taktgate(words);
  EXPECT_EQ(ended.code, kExitOk) << ended.err;
  EXPECT_EQ(ended.out, "2 boards of design 4: " + Path("boards") + "/parts.tsv and windows.tsv\n");
  EXPECT_TRUE(std::filesystem::exists(tree.root() / "boards/images/000001.png"));
  ExpectRefused(Taktgate(words), kExitBadInput, {"parts.tsv", "empty folder"});
}

TEST_F(SimCommand, AFolderThatCannotBeMadeIsNamed) {
  tree.Write("file", "in the way");
  ExpectRefused(Taktgate({"sim", "--out", Path("file/boards"), "--parts", "1"}), kExitBadInput,
                {Path("file/boards")});
}

}  // namespace
}  // namespace taktgate::apps
