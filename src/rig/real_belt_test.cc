#include "rig/real_belt.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

#include "sim/random_line.h"

namespace taktgate::rig {
namespace {

TEST(RealBelt, AnyRealLineThatIsDrawnIsSoundAndSlowEnoughForABusyMachine) {
  double slowest = 100, fastest = 0;
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    sim::SoftSettings line = sim::DrawRealLine(seed, 100);
    const Status sound = CheckSoftSettings(line);
    ASSERT_TRUE(sound) << "seed " << seed << ": " << sound.error().message;
    const auto belt = RealBeltOf(line);
    ASSERT_TRUE(belt) << "seed " << seed << ": " << belt.error().message;
    slowest = std::min(slowest, line.parts_per_second);
    fastest = std::max(fastest, line.parts_per_second);
  }
  EXPECT_LE(fastest, 20);
  EXPECT_GT(fastest, 19) << "the whole range is drawn";
  EXPECT_LT(slowest, 8.1);
}

}  // namespace
}  // namespace taktgate::rig
