#include "session/process_signals.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <vector>

#include "base/test_wait.h"

namespace taktgate::session {
namespace {

using std::chrono::milliseconds;
using taktgate::testing::Comes;

TimePoint Ms(int ms) { return TimePoint(milliseconds(ms)); }

TEST(Wishes, SignalsThatComeTogetherAreOneWish) {
  Wishes wishes;
  EXPECT_EQ(wishes.Of(SIGTERM, false, Ms(0)), Wish::kStop);
  EXPECT_EQ(wishes.Of(SIGINT, false, Ms(0)), std::nullopt);
  EXPECT_EQ(wishes.Of(SIGHUP, true, Ms(500)), std::nullopt);
  EXPECT_EQ(wishes.Of(SIGTERM, false, Ms(999)), std::nullopt);
}

TEST(Wishes, WhoAsksAgainAfterASecondMeansIt) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Wishes wishes;
    EXPECT_EQ(wishes.Of(SIGTERM, false, Ms(0)), Wish::kStop);
    EXPECT_EQ(wishes.Of(signal, false, Ms(1000)), Wish::kStopNow);
  }
}

TEST(Wishes, AHangUpStopsOnlyWhereTheTerminalHasGone) {
  Wishes wishes;
  EXPECT_EQ(wishes.Of(SIGHUP, false, Ms(0)), Wish::kReopen);
  EXPECT_EQ(wishes.Of(SIGHUP, false, Ms(2000)), Wish::kReopen);
  EXPECT_EQ(wishes.Of(SIGHUP, true, Ms(3000)), Wish::kStop);
  EXPECT_EQ(wishes.Of(SIGHUP, false, Ms(5000)), Wish::kReopen);
}

TEST(Wishes, AnIncidentStopsNothing) {
  Wishes wishes;
  EXPECT_EQ(wishes.Of(SIGUSR1, false, Ms(0)), Wish::kIncident);
  EXPECT_EQ(wishes.Of(SIGTERM, false, Ms(1)), Wish::kStop);
  EXPECT_EQ(wishes.Of(SIGUSR1, false, Ms(2000)), Wish::kIncident);
}

// In a process of its own: signals are the whole process's.
class ProcessSignalsDeathTest : public ::testing::Test {
 protected:
  static void EndInAnyCase() { alarm(120); }
};

TEST_F(ProcessSignalsDeathTest, ManySignalsAtOnceAreHeardAndKillNobody) {
  const auto child = [] {
    EndInAnyCase();
    std::atomic<int> stops{0}, incidents{0};
    ProcessSignals signals([&](Wish wish, int) {
      stops += wish == Wish::kStop ? 1 : 0;
      incidents += wish == Wish::kIncident ? 1 : 0;
    });
    for (const int signal : {SIGTERM, SIGINT, SIGUSR1, SIGTERM}) kill(getpid(), signal);
    _exit(Comes("both wishes", [&] { return stops == 1 && incidents == 1; }) ? 7 : 8);
  };
  EXPECT_EXIT(child(), ::testing::ExitedWithCode(7), "");
}

TEST_F(ProcessSignalsDeathTest, ItsThreadEndsWithIt) {
  const auto child = [] {
    EndInAnyCase();
    {
      ProcessSignals signals([](Wish, int) {});
    }
    _exit(7);
  };
  EXPECT_EXIT(child(), ::testing::ExitedWithCode(7), "");
}

TEST_F(ProcessSignalsDeathTest, ASignalThatWasHeardCanStillEndTheProcess) {
  const auto child = [] {
    EndInAnyCase();
    ProcessSignals signals([](Wish, int signal) { ProcessSignals::DieBy(signal); });
    kill(getpid(), SIGTERM);
    pause();
  };
  EXPECT_EXIT(child(), ::testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace taktgate::session
