#include "base/timed_join_thread.h"

#include <utility>

namespace taktgate {

void TimedJoinThread::Start(std::function<void()> run) {
  thread_ = std::thread([this, run = std::move(run)] {
    run();
    ended_ = true;
    ended_signal_.Notify();
  });
}

bool TimedJoinThread::Join(Duration limit) {
  if (!thread_.joinable()) return true;
  const TimePoint until = std::chrono::steady_clock::now() + limit;
  while (!ended_ && std::chrono::steady_clock::now() < until) ended_signal_.WaitUntil(until);
  if (ended_) {
    thread_.join();
  } else {
    thread_.detach();
  }
  return ended_;
}

}  // namespace taktgate
