#include "station/errands.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/test_wait.h"
#include "station/test_scripted_line.h"

namespace taktgate::station {
namespace {

using std::chrono::seconds;
using taktgate::testing::Comes;

// Each errand is a number; its answer is twice that.
class ErrandsTest : public ::testing::Test {
 protected:
  using Numbers = Errands<int, int>;

  bool GateWasWoken() { return gate_signal.WaitUntil(TimePoint{}); }
  bool GiverWasWoken() { return errands.WaitForAnswer(TimePoint{}); }
  TimePoint InASecond() const { return clock.Now() + seconds(1); }
  // What Give comes back with on another thread, while this one does `meanwhile` again and again.
  template <typename Meanwhile>
  Numbers::Outcome GiveWhile(int request, Meanwhile meanwhile) {
    Numbers::Outcome outcome;
    std::atomic<bool> back{false};
    std::thread giver([&, limit = InASecond()] {
      outcome = errands.Give(request, limit);
      back = true;
    });
    const bool came = Comes("the end of Give", [&] {
      meanwhile();
      return back.load();
    });
    if (!came) running = false;  // so that it ends
    giver.join();
    return outcome;
  }
  void DoOne() {
    if (const auto request = errands.Claim()) errands.Finish(2 * *request);
  }

  testing::WatchedClock clock{TimePoint(seconds(100))};
  EventSignal gate_signal;
  std::atomic<bool> running{true};
  Numbers errands{clock, gate_signal, running};
};

TEST_F(ErrandsTest, OneThatIsClaimedIsAnswered) {
  EXPECT_FALSE(errands.Claim()) << "there is none";
  ASSERT_TRUE(errands.Tell(4));
  EXPECT_TRUE(GateWasWoken());
  EXPECT_FALSE(errands.Answered()) << "not yet";
  EXPECT_EQ(errands.Claim(), 4);
  EXPECT_FALSE(errands.Claim()) << "there is no other";
  EXPECT_FALSE(GiverWasWoken());
  errands.Finish(8);
  EXPECT_TRUE(GiverWasWoken());
  EXPECT_EQ(errands.Answered(), 8);
  EXPECT_FALSE(errands.Answered()) << "once";
}

TEST_F(ErrandsTest, OneThatIsWithdrawnIsNeverClaimed) {
  ASSERT_TRUE(errands.Tell(4));
  EXPECT_TRUE(errands.Withdraw());
  EXPECT_FALSE(errands.Claim());
  ASSERT_TRUE(errands.Tell(4));
  EXPECT_TRUE(errands.Withdraw());
  ASSERT_TRUE(errands.Tell(5));
  EXPECT_EQ(errands.Claim(), 5) << "the next one is";
}

TEST_F(ErrandsTest, OneThatIsClaimedCannotBeWithdrawn) {
  ASSERT_TRUE(errands.Tell(4));
  ASSERT_TRUE(errands.Claim());
  EXPECT_FALSE(errands.Withdraw());
}

TEST_F(ErrandsTest, WithdrawingTheLastOneLeavesThoseBeforeItWithdrawn) {
  ASSERT_TRUE(errands.Tell(4));
  EXPECT_TRUE(errands.Withdraw());
  ASSERT_TRUE(errands.Tell(5));
  EXPECT_EQ(errands.Claim(), 5) << "4 is not mistaken for it";
}

TEST_F(ErrandsTest, TheAnswerToAnotherOneIsPassedBy) {
  ASSERT_TRUE(errands.Tell(4));
  ASSERT_TRUE(errands.Claim());
  ASSERT_TRUE(errands.Tell(5));  // its giver has not waited for the first
  errands.Finish(8);
  EXPECT_FALSE(errands.Answered());
  ASSERT_EQ(errands.Claim(), 5);
  errands.Finish(10);
  EXPECT_EQ(errands.Answered(), 10);
}

TEST_F(ErrandsTest, WhereTwoWaitNoFurtherOneIsTaken) {
  EXPECT_TRUE(errands.Tell(4));
  EXPECT_TRUE(errands.Tell(5));
  ASSERT_TRUE(GateWasWoken());
  EXPECT_FALSE(errands.Tell(6));
  EXPECT_FALSE(GateWasWoken());
  EXPECT_FALSE(errands.Claim()) << "those two were given up for it";
  EXPECT_TRUE(errands.Tell(7));
  EXPECT_EQ(errands.Claim(), 7);
}

TEST_F(ErrandsTest, WhereTheGateThreadHasEndedNoneIsTaken) {
  running = false;
  EXPECT_FALSE(errands.Tell(4));
  EXPECT_FALSE(GateWasWoken());
  running = true;
  EXPECT_FALSE(errands.Claim()) << "it is forgotten";
}

TEST_F(ErrandsTest, GiveComesBackWithTheAnswer) {
  for (int request = 1; request <= 100; ++request) {
    const auto outcome = GiveWhile(request, [&] { DoOne(); });
    EXPECT_EQ(outcome.answer, 2 * request);
    EXPECT_FALSE(outcome.withdrawn);
  }
}

TEST_F(ErrandsTest, GiveWithdrawsOneThatIsNotClaimedInTime) {
  bool waits = false;
  const auto outcome = GiveWhile(4, [&] {
    waits = waits || GateWasWoken();
    if (waits) clock.Advance(std::chrono::milliseconds(100));
  });
  EXPECT_FALSE(outcome.answer);
  EXPECT_TRUE(outcome.withdrawn);
  EXPECT_GE(clock.Now(), TimePoint(seconds(101))) << "not before its limit";
  EXPECT_FALSE(errands.Claim());
}

TEST_F(ErrandsTest, AtItsLimitItIsTooLate) {
  const auto outcome = errands.Give(4, clock.Now());
  EXPECT_TRUE(outcome.withdrawn);
}

TEST_F(ErrandsTest, GiveWaitsForOneThatIsClaimedHoweverLate) {
  bool claimed = false;
  const auto outcome = GiveWhile(4, [&] {
    if (claimed || !errands.Claim()) return;
    claimed = true;
    clock.Advance(seconds(10));
    const int looks = clock.looks + 3;
    EXPECT_TRUE(Comes("looks of the giver, all too late", [&] { return clock.looks > looks; }));
    errands.Finish(8);
  });
  EXPECT_EQ(outcome.answer, 8);
}

TEST_F(ErrandsTest, TheLastAnswerIsSeenThoughTheGateThreadHasEnded) {
  const auto outcome = GiveWhile(4, [&] {
    if (!errands.Claim()) return;
    errands.Finish(8);
    running = false;
  });
  EXPECT_EQ(outcome.answer, 8);
}

TEST_F(ErrandsTest, GiveEndsWhereTheGateThreadDoes) {
  running = false;
  const auto refused = errands.Give(4, InASecond());
  EXPECT_FALSE(refused.answer);
  EXPECT_FALSE(refused.withdrawn);
  running = true;
  const auto left = GiveWhile(4, [&] {
    if (errands.Claim()) running = false;  // and never answers
  });
  EXPECT_FALSE(left.answer);
  EXPECT_FALSE(left.withdrawn);
}

// For the thread sanitizer: givers one after the other, whose patience sometimes ends just now.
TEST_F(ErrandsTest, EachIsEitherAnsweredOrWithdrawn) {
  std::vector<int> done;
  std::atomic<bool> ended{false};
  std::thread gate_thread([&] {
    while (!ended) {
      std::this_thread::yield();
      const auto request = errands.Claim();
      if (!request) continue;
      done.push_back(*request);
      errands.Finish(2 * *request);
    }
  });
  std::vector<int> answered;
  for (int request = 0; request < 300; ++request) {
    std::thread giver([&] {
      const auto outcome = errands.Give(request, clock.Now() + seconds(request % 2));
      EXPECT_NE(outcome.answer.has_value(), outcome.withdrawn);
      if (!outcome.answer) return;
      EXPECT_EQ(outcome.answer, 2 * request);
      answered.push_back(request);
    });
    giver.join();
  }
  ended = true;
  gate_thread.join();
  EXPECT_EQ(done, answered);
  EXPECT_GE(answered.size(), 150U) << "every second one has the time";
}

}  // namespace
}  // namespace taktgate::station
