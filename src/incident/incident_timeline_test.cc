#include "incident/incident_timeline.h"

#include <gtest/gtest.h>

namespace taktgate::incident {
namespace {

namespace event = gate::event;

TimePoint At(std::int64_t ms) { return TimePoint(std::chrono::milliseconds(ms)); }

// Parts 1 to `parts`, 10 ms apart, each with an edge, a frame, a timely answer and its decision.
std::vector<event::Any> Line(std::uint64_t parts) {
  std::vector<event::Any> events;
  for (std::uint64_t k = 1; k <= parts; ++k) {
    const auto edge = static_cast<std::int64_t>(10 * k);
    gate::Decision decision;
    decision.part = {7, k};
    decision.released = true;
    decision.reason = judge::Reason::kNone;
    decision.trigger_at = At(edge);
    decision.answer_due = At(edge + 8);
    decision.decided_at = At(edge + 4);
    decision.has_frame = true;
    decision.frame = {99 + k, At(edge + 2), At(edge + 3), false, 1};
    events.emplace_back(event::Trigger{0, At(edge), At(edge)});
    events.emplace_back(event::Time{At(edge + 1)});
    events.emplace_back(event::Frame{decision.frame, At(edge + 3)});
    events.emplace_back(event::Answered{{7, k}, {}, At(edge + 4)});
    events.emplace_back(event::LineSet{gate::Line::kPass, true, At(edge + 8), At(edge + 9), true});
    events.emplace_back(event::PartDecided{decision});
  }
  return events;
}

TEST(Timeline, TellsAPartFromEdgeToDecision) {
  const auto events = Line(1);
  EXPECT_EQ(Timeline(events).Text(0),
            "       0.000  7-1           edge\n"
            "       3.000  7-1           frame 100, captured 1 ms before\n"
            "       4.000  7-1           answer unknown (model_error), score 1.0000, ran 0 ms\n"
            "       4.000                PASS on\n"
            "       4.000  7-1           decided PASS, slack 4 ms\n");
}

TEST(Timeline, ShowsTheLastPartsFromTheirEdgeOn) {
  const auto events = Line(30);
  const Timeline timeline(events);
  const std::string text = timeline.Text(2);
  EXPECT_EQ(text.find("7-28 "), std::string::npos);
  EXPECT_EQ(text.find("     280.000  7-29          edge"), 0U) << text;
  EXPECT_NE(text.find("7-30          decided PASS"), std::string::npos);
  EXPECT_EQ(timeline.Text(100), timeline.Text(0)) << "more than there are";
  EXPECT_EQ(timeline.parts().size(), 30U);
  EXPECT_EQ(timeline.length(), std::chrono::milliseconds(294));
}

TEST(Timeline, KnowsWhichPartHadAFrame) {
  const auto events = Line(3);
  const Timeline timeline(events);
  ASSERT_NE(timeline.PartOfFrame(101), nullptr);
  EXPECT_EQ(NameOf(timeline.PartOfFrame(101)->part), "7-2");
  EXPECT_EQ(timeline.PartOfFrame(5), nullptr);
}

TEST(Timeline, APartWithoutADecisionIsInFlight) {
  const std::vector<event::Any> events = {event::Trigger{0, At(1), At(2)}};
  EXPECT_NE(Timeline(events).Text(0).find("in flight     edge, reported 1 ms later"),
            std::string::npos);
  const std::vector<event::Any> nothing;
  EXPECT_EQ(Timeline(nothing).Text(5), "");
}

TEST(Timeline, HasWordsForEveryEvent) {
  const std::vector<event::Any> events = {
      event::Command{gate::Command::kHalt, At(0)},
      event::ChangeRelease{3, std::chrono::microseconds(1500), At(0)},
      event::StartChallenge{2, At(0)},
      event::Acknowledge{event::ShortName("lead"), At(0)},
      event::GateSensor{At(0)},
      event::BinSensor{At(0)},
      event::PlcPart{9, At(0)},
      event::InferenceTerminated{{7, 1}},
      event::AnsweredLate{{7, 1}, {}},
      event::CutShort{{7, 1}},
      event::BinVerdict{{7, 1}, gate::Verified::kDisagreed},
      event::AlarmRaised{{gate::AlarmKind::kTrackingLost, gate::Severity::kAmber, {7, 1}}},
      event::Acknowledged{event::ShortName("lead")},
      event::InferenceFault{{7, 1}},
      event::LineSet{gate::Line::kPass, true, At(0), At(0), false}};
  const std::string text = Timeline(events).Text(0);
  for (const char* words :
       {"command halt", "release number 3 in force, reserve 1.5 ms", "challenge of 2",
        "acknowledge by \"lead\"", "gate sensor", "bin sensor", "names part 9", "told to stop",
        "too late", "off the wire", "bin disagrees", "alarm tracking_lost: amber",
        "acknowledged by", "stays away", "too late or failed"}) {
    EXPECT_NE(text.find(words), std::string::npos) << words;
  }
}

}  // namespace
}  // namespace taktgate::incident
