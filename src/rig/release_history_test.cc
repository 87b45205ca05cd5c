#include "rig/release_history.h"

#include <gtest/gtest.h>

namespace taktgate::rig {
namespace {

using Names = std::vector<std::string>;

TimePoint InstantOf(int ns) { return TimePoint(Duration(ns)); }

class ReleaseHistoryTest : public ::testing::Test {
 protected:
  Names Of(int edge, int heard, std::uint32_t boot = 1) const {
    const ReleaseHistory history("one", orders);
    return history.Possible(boot, InstantOf(edge), InstantOf(heard));
  }
  std::vector<OrderRecord> orders = {{1, "release", "two", InstantOf(100)},
                                     {1, "ack", "two", InstantOf(150)},
                                     {1, "release", "one", InstantOf(200)},
                                     {2, "release", "three", InstantOf(300)}};
};

TEST_F(ReleaseHistoryTest, APartHasTheReleaseThatIsInForceFromItsEdgeUntilItIsHeardOf) {
  EXPECT_EQ(Of(10, 99), Names{"one"});
  EXPECT_EQ(Of(101, 199), Names{"two"});
  EXPECT_EQ(Of(201, 900), Names{"one"});
}

TEST_F(ReleaseHistoryTest, AChangeInBetweenLeavesBothPossible) {
  EXPECT_EQ(Of(90, 110), (Names{"one", "two"}));
  EXPECT_EQ(Of(100, 110), (Names{"one", "two"})) << "the order was recorded a moment later";
  EXPECT_EQ(Of(90, 100), (Names{"one", "two"}));
  EXPECT_EQ(Of(90, 210), (Names{"one", "two"})) << "each once";
}

TEST_F(ReleaseHistoryTest, EachRunBeginsWithTheFirst) {
  EXPECT_EQ(Of(250, 260, 2), Names{"one"});
  EXPECT_EQ(Of(350, 360, 2), Names{"three"});
  EXPECT_EQ(Of(350, 360, 3), Names{"one"}) << "no order";
}

}  // namespace
}  // namespace taktgate::rig
