#ifndef TAKTGATE_INFER_RUN_LIMIT_H_
#define TAKTGATE_INFER_RUN_LIMIT_H_

#include <atomic>
#include <thread>

#include "base/clock.h"
#include "base/event_signal.h"
#include "base/result.h"
#include "infer/classifier.h"

namespace taktgate::infer {

// While this object exists, a run that takes longer than the limit is told to stop: a model may
// contain an endless loop, and nothing else watches it before a line runs.
//
// Threads: one, that of the runs; it has a thread of its own.
class RunLimit {
 public:
  RunLimit(Classifier& classifier, Duration limit);
  // Withdraws the request to stop.
  ~RunLimit();
  RunLimit(const RunLimit&) = delete;
  RunLimit& operator=(const RunLimit&) = delete;

  // Before each run.
  void Begin() { begun_ = std::chrono::steady_clock::now(); }
  // invalid: a run was told to stop.
  Status Check() const;

 private:
  void Watch();

  Classifier& classifier_;
  const Duration limit_;
  std::atomic<TimePoint> begun_;
  std::atomic<bool> reached_{false};
  std::atomic<bool> ended_{false};
  EventSignal end_signal_;
  std::thread thread_;
};

}  // namespace taktgate::infer

#endif  // TAKTGATE_INFER_RUN_LIMIT_H_
