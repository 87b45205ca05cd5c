#ifndef TAKTGATE_SESSION_HICCUP_WATCH_H_
#define TAKTGATE_SESSION_HICCUP_WATCH_H_

#include <atomic>
#include <thread>

#include "base/clock.h"
#include "base/latency_histogram.h"

namespace taktgate::session {

// A thread that does nothing but sleep a millisecond and notes how much longer it took: what the
// machine does to every thread, so that a stall of the machine can be told from our own figures.
//
// Threads: Start and Stop from the owner; histogram after Stop.
class HiccupWatch {
 public:
  ~HiccupWatch() { Stop(); }
  void Start();
  void Stop();
  const LatencyHistogram& histogram() const { return histogram_; }

 private:
  LatencyHistogram histogram_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace taktgate::session

#endif  // TAKTGATE_SESSION_HICCUP_WATCH_H_
