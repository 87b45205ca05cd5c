#include "base/event_signal.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace taktgate {
namespace {

TEST(EventSignal, ANotificationBeforeTheWaitIsNotLost) {
  EventSignal signal;
  signal.Notify();
  signal.Wait();  // hangs if it was lost
  signal.Notify();
  EXPECT_TRUE(signal.WaitUntil(TimePoint{})) << "not even when its time is over";
}

TEST(EventSignal, WaitUntilEndsAtItsTime) {
  EventSignal signal;
  const TimePoint until = std::chrono::steady_clock::now() + std::chrono::milliseconds(2);
  EXPECT_FALSE(signal.WaitUntil(until));
  EXPECT_GE(std::chrono::steady_clock::now(), until);
}

TEST(EventSignal, WakesAWaiterOnceForEveryHandOver) {
  EventSignal to_worker, to_owner;
  std::atomic<int> work{0};
  int done = 0;
  std::thread worker([&] {
    for (int i = 0; i < 1000; ++i) {
      while (work.load() == i) to_worker.Wait();
      ++done;
      to_owner.Notify();
    }
  });
  for (int i = 0; i < 1000; ++i) {
    ++work;
    to_worker.Notify();
    to_owner.Wait();
  }
  worker.join();
  EXPECT_EQ(done, 1000);
}

}  // namespace
}  // namespace taktgate
