#include "base/clock.h"

#include <cerrno>
#include <chrono>
#include <ctime>

namespace taktgate {

void MonotonicClock::SleepUntil(TimePoint time) {
  constexpr std::int64_t kNanos = 1'000'000'000;
  const auto since = time.time_since_epoch().count();
  if (since <= 0) return;
  timespec until{};
  until.tv_sec = static_cast<time_t>(since / kNanos);
  until.tv_nsec = static_cast<long>(since % kNanos);
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

// CLOCK_BOOTTIME runs on during a suspend, CLOCK_MONOTONIC does not. The first is read first: an
// interruption in between can only make the difference smaller.
Duration MonotonicClock::SuspendedFor() const {
  timespec boot{};
  clock_gettime(CLOCK_BOOTTIME, &boot);
  const Duration since_boot = std::chrono::seconds(boot.tv_sec) + Duration(boot.tv_nsec);
  return since_boot - Now().time_since_epoch();
}

void VirtualClock::SleepUntil(TimePoint time) {
  const auto target = time.time_since_epoch().count();
  auto seen = now_.load();
  while (seen < target && !now_.compare_exchange_weak(seen, target)) {
  }
}

}  // namespace taktgate
