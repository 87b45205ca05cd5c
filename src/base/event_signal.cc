#include "base/event_signal.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace taktgate {

// Without descriptors at start nothing can be decided; there is no state to save yet.
EventSignal::EventSignal() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) std::abort();
}

EventSignal::~EventSignal() { close(fd_); }

void EventSignal::Notify() {
  const std::uint64_t one = 1;
  // The only failure is a full counter, which still wakes the waiter.
  [[maybe_unused]] const auto written = write(fd_, &one, sizeof one);
}

namespace {

bool Poll(int fd, const timespec* timeout) {
  pollfd wanted{fd, POLLIN, 0};
  if (ppoll(&wanted, 1, timeout, nullptr) <= 0) return false;
  std::uint64_t count = 0;
  return read(fd, &count, sizeof count) > 0;
}

}  // namespace

bool EventSignal::WaitUntil(TimePoint until) {
  constexpr std::int64_t kNanos = 1'000'000'000;
  const Duration left = until - std::chrono::steady_clock::now();
  const std::int64_t nanos = std::max<std::int64_t>(0, left.count());
  timespec timeout{};
  timeout.tv_sec = static_cast<time_t>(nanos / kNanos);
  timeout.tv_nsec = static_cast<long>(nanos % kNanos);
  return Poll(fd_, &timeout);
}

void EventSignal::Wait() { Poll(fd_, nullptr); }

}  // namespace taktgate
