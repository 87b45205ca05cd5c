#include "station/order_desk.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/test_wait.h"
#include "station/test_scripted_line.h"

namespace taktgate::station {
namespace {

using gate::Severity;
using gate::State;
using judge::Reason;
using Kind = control::Order::Kind;
using std::chrono::milliseconds;
using taktgate::testing::Comes;

control::Order Of(Kind kind) {
  control::Order order;
  order.kind = kind;
  return order;
}

class OrdersTest : public testing::ScriptedLine {
 protected:
  control::OrderAnswer Give(Kind kind, std::uint32_t parts = 0, std::string_view name = {}) {
    control::Order order = Of(kind);
    order.parts = parts;
    order.name = gate::event::ShortName(name);
    const auto answer = stepped->Give(order);
    EXPECT_TRUE(answer);
    return answer.value_or(control::OrderAnswer{});
  }
};

TEST_F(OrdersTest, ALookShowsTheStationAndChangesNothing) {
  Start();
  Part();
  After(10);
  Part(false);
  const control::OrderAnswer answer = Give(Kind::kLook, 0, "Anna");
  EXPECT_TRUE(answer.taken);
  EXPECT_EQ(answer.state, State::kContinuousExecution);
  EXPECT_EQ(answer.severity, Severity::kCalm);
  EXPECT_EQ(answer.counts.parts, 2U);
  EXPECT_EQ(answer.counts.released, 1U);
  EXPECT_EQ(answer.counts.rejected, 1U);
  EXPECT_EQ(answer.challenge.asked, 0U);
  EXPECT_TRUE(RecordsOf(record::Record::Kind::kOrder).empty());
}

TEST_F(OrdersTest, AStopTurnsPartsAwayAndAStartTakesThemAgain) {
  Start();
  Part();
  ASSERT_TRUE(pass());
  const control::OrderAnswer stopped = Give(Kind::kStop, 0, "Anna");
  EXPECT_TRUE(stopped.taken);
  EXPECT_EQ(stopped.state, State::kReady);
  EXPECT_FALSE(pass());
  After(10);
  Part();
  EXPECT_EQ(Decided(2)->reason, Reason::kOffline);
  EXPECT_EQ(Give(Kind::kStart).state, State::kContinuousExecution);
  After(10);
  Part();
  EXPECT_TRUE(Decided(3)->released);
  const auto taken = RecordsOf(record::Record::Kind::kOrder);
  ASSERT_EQ(taken.size(), 2U);
  EXPECT_EQ(taken[0].order.kind, Kind::kStop);
  EXPECT_EQ(taken[0].order.name.view(), "Anna");
  EXPECT_EQ(taken[0].decision.part, (gate::PartId{7, 1})) << "the last part before it";
  EXPECT_EQ(taken[0].at, clock.Now() - milliseconds(24));
  EXPECT_EQ(taken[1].order.kind, Kind::kStart);
}

TEST_F(OrdersTest, OneThatIsNotTakenIsNotRecorded) {
  Start();
  EXPECT_FALSE(Give(Kind::kStart).taken) << "it runs";
  EXPECT_FALSE(Give(Kind::kAcknowledge).taken) << "nobody's name";
  EXPECT_FALSE(Give(Kind::kChallenge, 0).taken) << "of no parts";
  EXPECT_TRUE(RecordsOf(record::Record::Kind::kOrder).empty());
}

TEST_F(OrdersTest, AReleaseThatIsNotLoadedIsNotTaken) {
  Start();
  const control::OrderAnswer answer = Give(Kind::kRelease, 0, "Anna");
  EXPECT_FALSE(answer.taken);
  EXPECT_EQ(answer.release, 1U);
  EXPECT_TRUE(RecordsOf(record::Record::Kind::kOrder).empty());
}

TEST_F(OrdersTest, AChallengeRejectsAndCountsItsParts) {
  Start();
  EXPECT_EQ(Give(Kind::kChallenge, 3).challenge.asked, 3U);
  Part();
  EXPECT_EQ(Decided(1)->reason, Reason::kChallenge);
  EXPECT_EQ(Give(Kind::kLook).challenge.missed, 1U);
}

TEST_F(OrdersTest, AlarmsAreShownUntilSomebodyAcknowledges) {
  settings.gate.escalation.rejects_amber = 1;
  settings.gate.escalation.rejects_stop = 2;
  Start();
  const auto row = static_cast<std::size_t>(gate::AlarmKind::kRejectsInARow);
  Part(false);
  EXPECT_EQ(Give(Kind::kLook).alarms[row], Severity::kAmber);
  EXPECT_EQ(Give(Kind::kLook).severity, Severity::kAmber);
  After(10);
  Part(false);
  EXPECT_EQ(Give(Kind::kLook).alarms[row], Severity::kStop);
  EXPECT_FALSE(output.energised(OutputLine::kReady));
  const control::OrderAnswer answer = Give(Kind::kAcknowledge, 0, "Anna");
  EXPECT_TRUE(answer.taken);
  EXPECT_EQ(answer.severity, Severity::kCalm);
  for (const Severity alarm : answer.alarms) EXPECT_EQ(alarm, Severity::kCalm);
  EXPECT_TRUE(output.energised(OutputLine::kReady));
  After(10);
  Part(false);
  EXPECT_EQ(Give(Kind::kLook).alarms[row], Severity::kAmber);
}

TEST_F(OrdersTest, AWarningEndsByItself) {
  settings.gate.escalation.miss_quiet = 1;
  Start();
  const auto misses = static_cast<std::size_t>(gate::AlarmKind::kDeadlineMisses);
  PartAtTheModel();
  After(8);
  stepped->Gate();
  ASSERT_EQ(Decided(1)->reason, Reason::kLate);
  EXPECT_EQ(Give(Kind::kLook).alarms[misses], Severity::kWarn);
  stepped->All();
  After(10);
  Part();
  EXPECT_EQ(Give(Kind::kLook).severity, Severity::kCalm);
  EXPECT_EQ(Give(Kind::kLook).alarms[misses], Severity::kCalm);
}

// Station::Give itself: another thread waits while this one makes the gate thread's steps.
class GiveTest : public OrdersTest {
 protected:
  // The answer of the station, while `meanwhile` is done again and again.
  template <typename Meanwhile>
  std::optional<control::OrderAnswer> While(const control::Order& order, Meanwhile meanwhile) {
    std::optional<control::OrderAnswer> answer;
    std::atomic<bool> back{false};
    std::thread person([&] {
      answer = station->Give(order);
      back = true;
    });
    const bool came = Comes("the end of the wait for an answer", [&] {
      meanwhile();
      return back.load();
    });
    if (!came) clock.Advance(std::chrono::seconds(2));  // so that it ends
    person.join();
    return answer;
  }
};

TEST_F(GiveTest, TheGateThreadsAnswerComesBack) {
  Start();
  const auto answer = While(Of(Kind::kStop), [&] { stepped->Gate(); });
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->state, State::kReady);
  const auto taken = RecordsOf(record::Record::Kind::kOrder);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].order.at, clock.Now()) << "when it was given";
}

TEST_F(GiveTest, WhatWasNotTakenWithinASecondIsNeverObeyed) {
  Start();
  bool given_to_the_gate = false;
  EXPECT_FALSE(While(Of(Kind::kStop), [&] {
    if (given_to_the_gate || !stepped->gate_was_woken()) return;
    given_to_the_gate = true;
    clock.Advance(milliseconds(1000));
  }));
  stepped->Gate();
  EXPECT_TRUE(RecordsOf(record::Record::Kind::kOrder).empty());
  const auto second = While(Of(Kind::kStop), [&] { stepped->Gate(); });
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->taken);
}

// The gate thread has taken the order, and the wire holds it up beyond the giver's second.
TEST_F(GiveTest, WhatWasTakenInTimeIsAnsweredHoweverLate) {
  Start();
  std::optional<control::OrderAnswer> answer;
  std::atomic<bool> back{false};
  bool held = false;
  output.on_set = [&](OutputLine, bool) {
    if (held) return true;
    held = true;
    clock.Advance(std::chrono::seconds(2));
    const int looks = clock.looks + 4;  // his next ones, all too late
    return Comes("looks of the waiting person", [&] { return back || clock.looks > looks; });
  };
  std::thread person([&] {
    answer = station->Give(Of(Kind::kStop));
    back = true;
  });
  const bool came = Comes("an answer", [&] {
    stepped->Gate();
    return back.load();
  });
  if (!came) clock.Advance(std::chrono::seconds(2));
  person.join();
  EXPECT_TRUE(held);
  ASSERT_TRUE(answer) << "it is obeyed";
  EXPECT_EQ(answer->state, State::kReady);
}

TEST_F(GiveTest, AStationThatDoesNotRunAnswersNothing) {
  Make();
  EXPECT_FALSE(While(Of(Kind::kStop), [] {}));
  ASSERT_TRUE(stepped->Start(Duration(0)));
  EXPECT_EQ(Give(Kind::kLook).state, State::kContinuousExecution) << "the stop is forgotten";
  EXPECT_FALSE(While(Of(Kind::kLook), [&] {
    if (stepped->gate_was_woken()) stepped->GateThreadEnds();
  })) << "it ends meanwhile";
}

TEST_F(GiveTest, MoreOrdersThanCanWaitAreNotTaken) {
  Start();
  for (int k = 0; k < 2; ++k) {
    EXPECT_FALSE(While(Of(Kind::kLook), [&] { clock.Advance(milliseconds(200)); }));
  }
  EXPECT_FALSE(While(Of(Kind::kLook), [] {})) << "at once";
}

}  // namespace
}  // namespace taktgate::station
