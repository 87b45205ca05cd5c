#include "sim/event_heap.h"

#include <gtest/gtest.h>

namespace taktgate::sim {
namespace {

TimePoint At(int ns) { return TimePoint(Duration(ns)); }

TEST(EventHeap, GivesEventsByTimeAndThoseOfOneTimeInTheirOrder) {
  EventHeap<int> heap(8);
  for (const auto& [at, what] : {std::pair{30, 1}, {10, 2}, {30, 3}, {20, 4}, {10, 5}, {30, 6}}) {
    ASSERT_TRUE(heap.Put(At(at), what));
  }
  std::vector<int> order;
  while (heap.NextAt() != TimePoint::max()) order.push_back(heap.Pop());
  EXPECT_EQ(order, (std::vector<int>{2, 5, 4, 1, 3, 6}));
}

TEST(EventHeap, RefusesWhatDoesNotFit) {
  EventHeap<int> heap(2);
  EXPECT_TRUE(heap.Put(At(1), 1));
  EXPECT_TRUE(heap.Put(At(2), 2));
  EXPECT_FALSE(heap.Put(At(0), 3));
  EXPECT_EQ(heap.Pop(), 1);
}

}  // namespace
}  // namespace taktgate::sim
