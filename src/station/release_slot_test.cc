#include "station/release_slot.h"

#include <gtest/gtest.h>

#include "inspect/test_release.h"

namespace taktgate::station {
namespace {

class ReleaseSlotTest : public ::testing::Test {
 protected:
  // False: the run was told to stop.
  static bool Runs(inspect::Inspector& inspector) {
    const auto& said = inspector.Inspect(inspect::testing::SmallFrame(10, 20).View());
    return said.part.verdict == judge::Verdict::kPass;
  }
  void Change(const LoadedRelease& next) {
    EXPECT_TRUE(slot.IsFree());
    slot.Put(next);
    EXPECT_FALSE(slot.IsFree());
    slot.TakeOver();
  }

  std::unique_ptr<inspect::Inspector> a = inspect::testing::SmallInspector();
  std::unique_ptr<inspect::Inspector> b = inspect::testing::SmallInspector();
  const LoadedRelease first{1, a.get(), {}}, second{2, b.get(), {}}, third{3, a.get(), {}};
  ReleaseSlot slot{first};
};

TEST_F(ReleaseSlotTest, HoldsTheOneInForceAndTheOneBefore) {
  EXPECT_TRUE(slot.IsFree());
  EXPECT_EQ(slot.before(), nullptr);
  slot.TakeOver();
  EXPECT_EQ(&slot.in_force(), &first) << "there is no other";
  slot.Put(second);
  EXPECT_EQ(&slot.in_force(), &first) << "not before it is taken over";
  EXPECT_TRUE(slot.Holds(second));
  slot.TakeOver();
  EXPECT_EQ(&slot.in_force(), &second);
  EXPECT_EQ(slot.before(), &first);
  Change(third);
  EXPECT_FALSE(slot.Holds(first));
  EXPECT_TRUE(slot.Holds(second));
  EXPECT_TRUE(slot.Holds(third));
}

TEST_F(ReleaseSlotTest, TerminateIsForTheOneThatRuns) {
  inspect::Inspector& before = slot.BeginRun(first);
  EXPECT_TRUE(Runs(before));
  slot.Terminate();
  EXPECT_FALSE(Runs(before));
  Change(second);
  EXPECT_TRUE(Runs(slot.BeginRun(second))) << "another one was told to stop";
  EXPECT_TRUE(Runs(slot.BeginRun(first))) << "this run was not told";
  slot.Terminate();
  EXPECT_FALSE(Runs(*a));
  EXPECT_TRUE(Runs(*b));
}

// Nothing may be asked of a model that is freed by now.
TEST_F(ReleaseSlotTest, BeforeTheFirstRunTerminateIsForTheOneInForce) {
  Change(second);
  slot.Terminate();
  EXPECT_TRUE(Runs(*a));
  EXPECT_FALSE(Runs(*b));
}

}  // namespace
}  // namespace taktgate::station
