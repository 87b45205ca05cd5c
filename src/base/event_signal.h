#ifndef TAKTGATE_BASE_EVENT_SIGNAL_H_
#define TAKTGATE_BASE_EVENT_SIGNAL_H_

#include "base/clock.h"

namespace taktgate {

// Wakes one waiting thread that empties its event rings afterwards: a counting eventfd, so a
// signal between "ring was empty" and "wait" is never lost. No lock is shared with the sender.
//
// Threads: Notify from any thread and from signal handlers; WaitUntil from one.
class EventSignal {
 public:
  EventSignal();
  ~EventSignal();
  EventSignal(const EventSignal&) = delete;
  EventSignal& operator=(const EventSignal&) = delete;

  void Notify();
  // Returns at a notification, with true, or at `until` on CLOCK_MONOTONIC.
  bool WaitUntil(TimePoint until);
  // Returns at a notification.
  void Wait();

 private:
  int fd_;
};

}  // namespace taktgate

#endif  // TAKTGATE_BASE_EVENT_SIGNAL_H_
