#ifndef TAKTGATE_SELFTEST_REALTIME_THREADS_H_
#define TAKTGATE_SELFTEST_REALTIME_THREADS_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "selftest/point.h"

namespace taktgate::selftest {

// A thread with a real-time policy, and how much processor time it has used since its start.
struct RealtimeThread {
  int process = 0;
  int thread = 0;
  std::string process_name;
  std::string name;
  std::string policy;  // FIFO, RR, DEADLINE
  int priority = 0;
  std::uint64_t ticks = 0;
};

// All of them that /proc below `root` shows. What ends meanwhile is left out.
std::vector<RealtimeThread> RealtimeThreads(const std::filesystem::path& root);

// Whether one of them used so much of a core between two looks that the kernel's throttling takes
// the core away. Names the thread.
Point RealtimeShare(const std::vector<RealtimeThread>& before,
                    const std::vector<RealtimeThread>& after, Duration between,
                    long ticks_per_second);

}  // namespace taktgate::selftest

#endif  // TAKTGATE_SELFTEST_REALTIME_THREADS_H_
