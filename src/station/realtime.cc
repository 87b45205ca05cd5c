#include "station/realtime.h"

#include <linux/capability.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>

namespace taktgate::station {
namespace {

constexpr char kAllowLock[] =
    "LimitMEMLOCK=infinity in the service, or \"USER - memlock unlimited\" in "
    "/etc/security/limits.conf";

Error NotLocked(const std::string& why) {
  return {ErrorCode::kIo, "memory is not locked: " + why + "; allow it with " + kAllowLock};
}

}  // namespace

bool MayLockWithoutLimit(const std::filesystem::path& root) {
  constexpr std::string_view kEffective = "CapEff:";
  std::ifstream status(root / "proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(kEffective)) continue;
    return (std::strtoull(line.c_str() + kEffective.size(), nullptr, 16) >> CAP_IPC_LOCK & 1U) != 0;
  }
  return false;
}

Status MayLockMemory() {
  // Under a limit every later thread and buffer could fail instead of being locked.
  rlimit limit{};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  if (limit.rlim_cur != RLIM_INFINITY && !MayLockWithoutLimit("/")) {
    return NotLocked("the limit is " + std::to_string(limit.rlim_cur) + " bytes");
  }
  return {};
}

Status LockMemory() {
  if (Status allowed = MayLockMemory(); !allowed) return allowed;
  // Freed memory stays with the process; giving it back would fault it in again.
  mallopt(M_TRIM_THRESHOLD, -1);
  mallopt(M_MMAP_MAX, 0);
  if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) return NotLocked(std::strerror(errno));
  return {};
}

Status MakeThisThreadRealtime(int priority) {
  sched_param param{};
  param.sched_priority = priority;
  const int failed = pthread_setschedparam(pthread_self(), SCHED_FIFO, &param);
  if (failed != 0) {
    return Error{ErrorCode::kIo, std::string("no real-time priority: ") + std::strerror(failed)};
  }
  return {};
}

Status PinThisThread(int core) {
  cpu_set_t wanted;
  CPU_ZERO(&wanted);
  CPU_SET(static_cast<std::size_t>(core), &wanted);
  const int failed = pthread_setaffinity_np(pthread_self(), sizeof wanted, &wanted);
  if (failed != 0) {
    return Error{ErrorCode::kIo, "core " + std::to_string(core) + ": " + std::strerror(failed)};
  }
  return {};
}

std::vector<int> AllowedCores() {
  std::vector<int> cores;
  std::thread([&cores] {
    for (int core = 0; core < CPU_SETSIZE; ++core) {
      if (PinThisThread(core)) cores.push_back(core);
    }
  }).join();
  return cores;
}

std::string CoresInWords(const std::vector<int>& cores) {
  std::string words;
  for (const int core : cores) words += (words.empty() ? "" : ", ") + std::to_string(core);
  return words;
}

void PrefaultStack() {
  constexpr std::size_t kBytes = 256 * 1024;
  [[maybe_unused]] volatile unsigned char stack[kBytes];
  for (std::size_t i = 0; i < kBytes; i += 4096) stack[i] = 0;
}

}  // namespace taktgate::station
