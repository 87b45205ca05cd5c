#include "base/clock.h"

#include <cerrno>
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

void VirtualClock::SleepUntil(TimePoint time) {
  const auto target = time.time_since_epoch().count();
  auto seen = now_.load();
  while (seen < target && !now_.compare_exchange_weak(seen, target)) {
  }
}

}  // namespace taktgate
