#include "station/realtime.h"

#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace taktgate::station {

Status LockMemory() {
  // Under a limit every later thread and buffer could fail instead of being locked.
  rlimit limit{};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  if (limit.rlim_cur != RLIM_INFINITY && geteuid() != 0) {
    return Error{ErrorCode::kIo,
                 "memory is not locked: the limit is " + std::to_string(limit.rlim_cur) +
                     " bytes; allow it with `ulimit -l unlimited` or LimitMEMLOCK=infinity"};
  }
  // Freed memory stays with the process; giving it back would fault it in again.
  mallopt(M_TRIM_THRESHOLD, -1);
  mallopt(M_MMAP_MAX, 0);
  if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) {
    return Error{ErrorCode::kIo, std::string("memory is not locked: ") + std::strerror(errno) +
                                     "; allow it with `ulimit -l unlimited` or LimitMEMLOCK"};
  }
  return {};
}

Status MakeThisThreadRealtime(int priority) {
  sched_param param{};
  param.sched_priority = priority;
  const int failed = pthread_setschedparam(pthread_self(), SCHED_FIFO, &param);
  if (failed != 0) {
    return Error{ErrorCode::kIo, std::string("no real-time priority: ") + std::strerror(failed) +
                                     "; allow it with CAP_SYS_NICE or LimitRTPRIO"};
  }
  return {};
}

void NameThisThread(const char* name) { pthread_setname_np(pthread_self(), name); }

void PrefaultStack() {
  constexpr std::size_t kBytes = 256 * 1024;
  [[maybe_unused]] volatile unsigned char stack[kBytes];
  for (std::size_t i = 0; i < kBytes; i += 4096) stack[i] = 0;
}

}  // namespace taktgate::station
