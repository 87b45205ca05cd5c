#ifndef TAKTGATE_STATION_THREAD_START_H_
#define TAKTGATE_STATION_THREAD_START_H_

#include <condition_variable>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"

namespace taktgate::station {

// What one thread of a station asks the system for.
struct ThreadPlan {
  const char* name = "";
  int priority = 0;         // of SCHED_FIFO; 0: an ordinary thread
  std::optional<int> core;  // nothing: on any core
};

// What of it was not granted: the system's own words, empty where it was.
struct ThreadGrant {
  ThreadPlan plan;
  std::string priority_refused;
  std::string core_refused;
};

// One line for each thing that was refused: for which threads, why, and what to do.
std::vector<std::string> RefusedThings(const std::vector<ThreadGrant>& grants);

// invalid: a plan names a core that this process may not use; lists those it may.
Status CheckCores(const std::vector<ThreadPlan>& plans);

// Acquires for the calling thread what its plan asks for, touches its stack, and gives it another
// one for signals.
ThreadGrant Acquire(const ThreadPlan& plan);

// The same, tried on threads that end again.
std::vector<ThreadGrant> TryOut(const std::vector<ThreadPlan>& plans);

// Holds the threads of a station back until each of them has asked for what it needs, so that
// nothing starts before it is known what was granted.
//
// Threads: Enter on each thread, once; the rest from their owner.
class ThreadStart {
 public:
  // Takes up the plan and waits. False: there is no start, the thread ends.
  bool Enter(const ThreadPlan& plan);
  // Waits until so many threads have entered; the highest priority comes first.
  std::vector<ThreadGrant> WaitForAll(std::size_t threads);
  void Decide(bool start);

 private:
  Mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<ThreadGrant> grants_ TAKTGATE_GUARDED_BY(mutex_);
  std::optional<bool> start_ TAKTGATE_GUARDED_BY(mutex_);
};

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_THREAD_START_H_
