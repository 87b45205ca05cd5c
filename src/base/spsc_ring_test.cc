#include "base/spsc_ring.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <thread>

namespace taktgate {
namespace {

TEST(DroppingSpscRing, KeepsOrderAndDropsTheNewestWhenFull) {
  DroppingSpscRing<int> ring(3);
  ASSERT_EQ(ring.capacity(), 4U);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(ring.Push(i), i < 4);
  EXPECT_EQ(ring.dropped(), 2U);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(ring.Pop(), i);
  EXPECT_EQ(ring.Pop(), std::nullopt);
}

TEST(DroppingSpscRing, LosesNothingUncountedBetweenTwoThreads) {
  DroppingSpscRing<std::uint64_t> ring(64);
  constexpr std::uint64_t kItems = 200'000;
  std::thread writer([&] {
    for (std::uint64_t i = 1; i <= kItems; ++i) ring.Push(i);
  });
  std::uint64_t received = 0;
  std::uint64_t last = 0;
  while (received + ring.dropped() < kItems || ring.size() != 0) {
    if (const auto item = ring.Pop()) {
      ASSERT_GT(*item, last);
      last = *item;
      ++received;
    }
  }
  writer.join();
  EXPECT_EQ(received + ring.dropped(), kItems);
}

}  // namespace
}  // namespace taktgate
