#include "base/timed_join_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace taktgate {
namespace {

TEST(TimedJoinThread, IsJoinedOnceItHasEnded) {
  TimedJoinThread never;
  EXPECT_TRUE(never.Join(std::chrono::seconds(0)));
  std::atomic<bool> ran{false};
  TimedJoinThread thread;
  thread.Start([&] { ran = true; });
  EXPECT_TRUE(thread.Join(std::chrono::hours(1)));
  EXPECT_TRUE(ran);
  EXPECT_TRUE(thread.Join(std::chrono::seconds(0))) << "again";
}

TEST(TimedJoinThread, OneThatIsHeldIsLeftToItself) {
  struct Shared {
    std::atomic<bool> go{false};
    std::atomic<bool> over{false};
    TimedJoinThread thread;
  };
  static auto* const shared = new Shared;  // its thread may use it until the process ends
  shared->thread.Start([] {
    while (!shared->go) std::this_thread::yield();
    shared->over = true;
  });
  EXPECT_FALSE(shared->thread.Join(std::chrono::milliseconds(1)));
  shared->go = true;
  while (!shared->over) std::this_thread::yield();
}

}  // namespace
}  // namespace taktgate
