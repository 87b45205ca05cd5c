#include "station/keep_warm.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/test_wait.h"
#include "inspect/test_release.h"

namespace taktgate::station {
namespace {

using std::chrono::milliseconds;
using taktgate::testing::Comes;

// A model that counts its runs. With `hang` each lasts until it is told to stop.
class KeepWarmTest : public ::testing::Test {
 protected:
  std::unique_ptr<inspect::Inspector> Model() {
    return inspect::testing::SmallInspector([this](auto, auto, const std::atomic<bool>& terminate) {
      ++windows;
      while (hang && !terminate) std::this_thread::yield();
      return hang ? infer::RunOutcome::kTerminated : infer::RunOutcome::kDone;
    });
  }

  std::atomic<int> windows{0};
  std::atomic<bool> hang{false};
  VirtualClock clock{TimePoint(std::chrono::seconds(1))};
  std::unique_ptr<inspect::Inspector> inspector = Model();
  const LoadedRelease release{1, inspector.get(), {}};
  ReleaseSlot slot{release};
  KeepWarm sut{milliseconds(200), inspect::testing::SmallFrame(1, 2), slot, clock};
};

TEST_F(KeepWarmTest, RunsEachTimeTheLineHasStoodForSoLong) {
  for (int run = 0; run < 3; ++run) {
    EXPECT_EQ(sut.Due(), clock.Now() + milliseconds(200));
    clock.Advance(milliseconds(199));
    sut.RunIfDue();
    EXPECT_EQ(windows, 2 * run) << "the small release has two windows";
    clock.Advance(milliseconds(1));
    sut.RunIfDue();
    EXPECT_EQ(windows, 2 * run + 2);
  }
  EXPECT_EQ(sut.runs(), 3U);
}

TEST_F(KeepWarmTest, APartPutsItOff) {
  clock.Advance(milliseconds(150));
  sut.PartCame();
  sut.NoPartInFlight();
  EXPECT_EQ(sut.Due(), clock.Now() + milliseconds(200));
  clock.Advance(milliseconds(120));
  sut.PartInspected();
  EXPECT_EQ(sut.Due(), clock.Now() + milliseconds(200));
}

TEST_F(KeepWarmTest, NeverRunsWithAPartInFlight) {
  sut.PartCame();
  clock.Advance(milliseconds(1000));
  sut.RunIfDue();
  EXPECT_EQ(windows, 0);
  EXPECT_EQ(sut.Due(), clock.Now() + milliseconds(200)) << "it does not try again and again";
  sut.NoPartInFlight();
  clock.Advance(milliseconds(200));
  sut.RunIfDue();
  EXPECT_EQ(windows, 2);
}

TEST_F(KeepWarmTest, AnEdgeEndsTheRunInProgress) {
  hang = true;
  clock.Advance(milliseconds(200));
  std::thread inference([this] { sut.RunIfDue(); });
  EXPECT_TRUE(Comes("the run to keep warm", [&] { return windows != 0; }));
  sut.PartCame();
  inference.join();
  EXPECT_EQ(windows, 1) << "the second window is not begun";
}

TEST_F(KeepWarmTest, TheEdgeOfASecondPartLeavesTheFirstOnesRunAlone) {
  sut.PartCame();
  inspector->ResetTerminate();
  sut.PartCame();
  inspector->Inspect(inspect::testing::SmallFrame(1, 2).View());
  EXPECT_EQ(windows, 2) << "not told to stop";
}

TEST_F(KeepWarmTest, StopEndsTheRunInProgressAndThereIsNoOther) {
  hang = true;
  clock.Advance(milliseconds(200));
  std::thread inference([this] { sut.RunIfDue(); });
  EXPECT_TRUE(Comes("the run to keep warm", [&] { return windows != 0; }));
  sut.Stop();
  inference.join();
  clock.Advance(milliseconds(200));
  sut.RunIfDue();
  EXPECT_EQ(windows, 1);
}

TEST_F(KeepWarmTest, OffItIsNeverDue) {
  KeepWarm off(Duration(0), {}, slot, clock);
  off.PartCame();
  EXPECT_EQ(off.Due(), TimePoint::max());
  clock.Advance(std::chrono::hours(1));
  off.RunIfDue();
  EXPECT_EQ(windows, 0);
}

}  // namespace
}  // namespace taktgate::station
