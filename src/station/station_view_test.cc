// What others see of a running station.
#include <gtest/gtest.h>

#include "station/test_scripted_line.h"

namespace taktgate::station {
namespace {

using std::chrono::milliseconds;

class StationView : public testing::ScriptedLine {
 protected:
  gate::LineView View() const { return station->view().Read(); }
};

TEST_F(StationView, BeforeTheStartThereIsNothingToSee) {
  Make();
  EXPECT_EQ(station->view().changes(), 0U);
  EXPECT_FALSE(View().ready);
}

TEST_F(StationView, AStationThatIsOnlineIsSeenBeforeTheFirstPart) {
  Start();
  EXPECT_EQ(View().state, gate::State::kContinuousExecution);
  EXPECT_TRUE(View().ready);
  EXPECT_EQ(View().last.part.sequence, 0U);
}

TEST_F(StationView, EachDecisionIsSeenWithTheStepThatMadeIt) {
  Start();
  Part();
  EXPECT_TRUE(View().last.released);
  EXPECT_EQ(View().last.part, (gate::PartId{7, 1}));
  EXPECT_EQ(View().counts.released, 1U);
  After(20);
  Part(false);
  stepped->Run(milliseconds(10), milliseconds(1));
  EXPECT_FALSE(View().last.released);
  EXPECT_EQ(View().last.reason, judge::Reason::kDefect);
  EXPECT_EQ(View().counts.parts, 2U);
  EXPECT_EQ(View().deadline_misses, 0U);
}

TEST_F(StationView, ALineThatOnlyWaitsShowsNothingNew) {
  Start();
  Part();
  stepped->Run(milliseconds(20), milliseconds(1));
  const std::uint64_t changes = station->view().changes();
  stepped->Run(milliseconds(20), milliseconds(1));
  EXPECT_EQ(station->view().changes(), changes);
}

TEST_F(StationView, AnAlarmIsSeenUntilItIsAcknowledged) {
  settings.gate.escalation = gate::EscalationSettings{};
  settings.gate.escalation.rejects_stop = 2;
  Start();
  for (int part = 0; part < 2; ++part) {
    Part(false);
    stepped->Run(milliseconds(20), milliseconds(1));
  }
  const auto rejects = static_cast<std::size_t>(gate::AlarmKind::kRejectsInARow);
  EXPECT_EQ(View().severity, gate::Severity::kStop);
  EXPECT_EQ(View().alarms[rejects], gate::Severity::kStop);
  EXPECT_TRUE(View().online);
  EXPECT_FALSE(View().ready);
  control::Order order;
  order.kind = control::Order::Kind::kAcknowledge;
  order.name = gate::event::ShortName("M. Weber");
  order.at = clock.Now();
  ASSERT_TRUE(stepped->Give(order)->taken);
  EXPECT_EQ(View().alarms[rejects], gate::Severity::kCalm);
  EXPECT_TRUE(View().ready);
}

TEST_F(StationView, TheEndIsSeenToo) {
  Start();
  Edge();
  stepped->All();
  station->RequestStop();
  After(20);
  Edge();
  stepped->Trigger();
  stepped->Gate();
  EXPECT_EQ(View().state, gate::State::kHalted);
  EXPECT_FALSE(View().ready);
  (void)stepped->WhyEnded();
  EXPECT_EQ(View().counts.parts, 2U) << "an edge after the end is a part, too";
  EXPECT_EQ(View().last.reason, judge::Reason::kShutdown);
}

}  // namespace
}  // namespace taktgate::station
