#ifndef TAKTGATE_BASE_TIMED_JOIN_THREAD_H_
#define TAKTGATE_BASE_TIMED_JOIN_THREAD_H_

#include <atomic>
#include <functional>
#include <thread>

#include "base/clock.h"
#include "base/event_signal.h"

namespace taktgate {

// A thread that is joined within a limit, or left to itself: what it does may be held for ever, by
// a disk for instance.
//
// Threads: one, the owner's.
class TimedJoinThread {
 public:
  // std::system_error: the system gives no further thread.
  void Start(std::function<void()> run);
  // False: it has not come back within `limit`. It still uses what it was given, so the process
  // must end without destroying that. True also where it was never started.
  bool Join(Duration limit);

 private:
  EventSignal ended_signal_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace taktgate

#endif  // TAKTGATE_BASE_TIMED_JOIN_THREAD_H_
