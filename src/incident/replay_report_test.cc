#include "incident/replay_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/test_tree.h"
#include "image/decode.h"

namespace taktgate::incident {
namespace {

namespace event = gate::event;
using std::chrono::microseconds;
using std::chrono::milliseconds;

// Part 7-1 was answered late, 7-2 passed, of 7-3 only the edge is there.
class ReplayReport : public ::testing::Test {
 protected:
  ReplayReport() {
    incident.header = {"0.9", "line 3", "request", 7, {}, "today", 0};
    incident.header.releases = {{1, "aa", "first", "1"}, {2, "bb", "second", "1"}};
    replay.inputs = 9;
    replay.outputs = 4;
    replay.decisions = 2;
    Decide(1, false, judge::Reason::kLate);
    Decide(2, true, judge::Reason::kNone);
    events.emplace_back(event::Trigger{0, Edge(3), Edge(3)});
  }
  static TimePoint Edge(std::uint64_t part) { return TimePoint(milliseconds(10 * part)); }
  void Decide(std::uint64_t sequence, bool released, judge::Reason reason) {
    const TimePoint edge = Edge(sequence);
    gate::Answer answer;
    answer.verdict = judge::Verdict::kPass;
    answer.defect_score = 0.25;
    gate::Decision decision;
    decision.part = {7, sequence};
    decision.released = released;
    decision.reason = reason;
    decision.release = 2;
    decision.trigger_at = edge;
    decision.decided_at = edge + milliseconds(8);
    decision.has_frame = true;
    decision.frame = {50 + sequence, edge + microseconds(2500), edge + milliseconds(3), false, 0};
    events.emplace_back(event::Trigger{0, edge, edge});
    events.emplace_back(event::Frame{decision.frame, edge + milliseconds(3)});
    if (released) events.emplace_back(event::Answered{decision.part, answer, decision.decided_at});
    events.emplace_back(event::PartDecided{decision});
    if (released) return;
    events.emplace_back(event::Answered{decision.part, answer, edge + milliseconds(9)});
    events.emplace_back(event::AnsweredLate{decision.part, answer});
  }
  nlohmann::ordered_json Written() const {
    return LooseJson(ReplayJson(incident, Timeline(events), replay, looks));
  }

  std::vector<event::Any> events;
  Incident incident;
  gate::Replay replay;
  SecondLooks looks;
};

TEST_F(ReplayReport, SaysWhoseIncidentItIs) {
  const auto json = Written();
  EXPECT_EQ(json.value("schema", 0), 1);
  EXPECT_EQ(json.value("station", ""), "line 3");
  EXPECT_EQ(json.value("reason", ""), "request");
  EXPECT_EQ(json.value("boot", 0), 7);
  EXPECT_EQ(json.value("program", ""), "0.9");
  EXPECT_EQ(json.value("written_at", ""), "today");
  ASSERT_EQ(json["releases"].size(), 2U);
  EXPECT_EQ(json["releases"][1].value("number", 0), 2);
  EXPECT_EQ(json["releases"][1].value("id", ""), "bb");
}

TEST_F(ReplayReport, TellsEachPartByItsOwnEdge) {
  const auto json = Written();
  ASSERT_EQ(json["parts"].size(), 2U) << "an edge alone is no part yet";
  const auto late = json["parts"][0], passed = json["parts"][1];
  EXPECT_EQ(late.value("part", ""), "7-1");
  EXPECT_EQ(late.value("edge_ms", -1.0), 0);
  EXPECT_EQ(late.value("reason", ""), "late");
  EXPECT_FALSE(late.value("released", true));
  EXPECT_TRUE(late.value("late_answer", false));
  EXPECT_EQ(passed.value("part", ""), "7-2");
  EXPECT_EQ(passed.value("edge_ms", -1.0), 10) << "since the first event";
  EXPECT_EQ(passed.value("decided_ms", -1.0), 8);
  EXPECT_EQ(passed.value("release", 0), 2);
  EXPECT_TRUE(passed.value("released", false));
  EXPECT_EQ(passed.value("frame", 0), 52);
  EXPECT_EQ(passed.value("captured_ms", -1.0), 2.5);
  EXPECT_EQ(passed.value("verdict", ""), "pass");
  EXPECT_EQ(passed.value("score", -1.0), 0.25);
  EXPECT_FALSE(passed.value("late_answer", true));
}

TEST_F(ReplayReport, WhatIsTheSameIsCounted) {
  const auto json = Written()["replay"];
  EXPECT_TRUE(json.value("same", false));
  EXPECT_EQ(json.value("inputs", 0), 9);
  EXPECT_EQ(json.value("outputs", 0), 4);
  EXPECT_EQ(json.value("decisions", 0), 2);
  EXPECT_FALSE(json.contains("difference"));
  EXPECT_EQ(ReplayText(replay),
            "replayed 9 inputs: all 2 decisions and all 4 outputs are the same, bit for bit\n");
}

TEST_F(ReplayReport, TheFirstDifferenceIsShownFromBothSides) {
  const event::LineSet pass_on{gate::Line::kPass, true, Edge(1), Edge(2), true};
  replay.difference = gate::Replay::Difference{31, pass_on, std::nullopt};
  const auto json = Written()["replay"];
  EXPECT_FALSE(json.value("same", true));
  EXPECT_EQ(json["difference"].value("event", 0), 31);
  EXPECT_EQ(json["difference"].value("recorded", ""), "PASS on");
  EXPECT_EQ(json["difference"].value("replayed", ""), "nothing");
  EXPECT_EQ(ReplayText(replay),
            "DIFFERENT at event 31\n  recorded: PASS on\n  replayed: nothing\n");
}

TEST_F(ReplayReport, AFrameThatWasInspectedAgainStandsBesideItsPart) {
  const Timeline timeline(events);
  looks.looks = {{52, timeline.PartOfFrame(52), judge::Verdict::kFail, 0.75, true, false, false},
                 {99, nullptr, judge::Verdict::kPass, 0.5, false, true, true}};
  const auto json = Written()["inspected_again"];
  ASSERT_EQ(json.size(), 2U);
  EXPECT_EQ(json[0].value("part", ""), "7-2");
  EXPECT_EQ(json[0].value("verdict", ""), "fail");
  EXPECT_EQ(json[0].value("score", -1.0), 0.75);
  EXPECT_TRUE(json[0].value("compared", false));
  EXPECT_FALSE(json[0].value("same_verdict", true));
  EXPECT_FALSE(json[0].value("same_bits", true));
  EXPECT_TRUE(json[1]["part"].is_null());
  EXPECT_EQ(json[1].value("frame", 0), 99);
}

class WrittenFrames : public ReplayReport {
 protected:
  void Keep(std::uint64_t sequence, std::uint8_t shade) {
    KeptFrame frame;
    frame.info.sequence = sequence;
    frame.width = 6;
    frame.height = 4;
    frame.pixels.assign(6 * 4, shade);
    incident.frames.push_back(frame);
  }
  taktgate::testing::Tree tree;
};

TEST_F(WrittenFrames, AreNamedAfterFrameAndPart) {
  Keep(52, 20);
  Keep(90, 30);
  const auto folder = tree.root() / "new" / "frames";
  ASSERT_TRUE(WriteFrames(incident, Timeline(events), folder));
  const auto of_part = image::DecodeFile(folder / "frame-52-part-7-2.png");
  ASSERT_TRUE(of_part) << of_part.error().message;
  EXPECT_EQ(of_part->pixels, incident.frames[0].pixels);
  EXPECT_EQ(of_part->width, 6);
  EXPECT_TRUE(std::filesystem::exists(folder / "frame-90-part-none.png"));
}

TEST_F(WrittenFrames, AFolderThatCannotBeMadeIsNamed) {
  Keep(52, 20);
  tree.Write("file", "in the way");
  const Status refused = WriteFrames(incident, Timeline(events), tree.root() / "file" / "frames");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIo);
  EXPECT_NE(refused.error().message.find("file/frames"), std::string::npos);
}

TEST_F(WrittenFrames, AFileThatCannotBeWrittenIsNoSuccess) {
  Keep(52, 20);
  std::filesystem::create_directories(tree.root() / "frames" / "frame-52-part-7-2.png");
  EXPECT_FALSE(WriteFrames(incident, Timeline(events), tree.root() / "frames"));
}

}  // namespace
}  // namespace taktgate::incident
