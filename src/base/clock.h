#ifndef TAKTGATE_BASE_CLOCK_H_
#define TAKTGATE_BASE_CLOCK_H_

#include <atomic>
#include <chrono>

namespace taktgate {

// Nanoseconds since an arbitrary point, never set back. In production CLOCK_MONOTONIC (which is
// std::chrono::steady_clock on Linux); wall time exists only for display.
using Duration = std::chrono::nanoseconds;
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

// As numbers for reports and records.
inline double Microseconds(Duration time) { return static_cast<double>(time.count()) / 1e3; }
inline double Milliseconds(Duration time) { return static_cast<double>(time.count()) / 1e6; }

// Where the time comes from. Threads: Now and SleepUntil from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint Now() const = 0;
  // How long the unit was suspended since it was switched on. Now stands still meanwhile, the world
  // does not. The answer is never too long; it is too short by as much as the calling thread is
  // interrupted.
  virtual Duration SuspendedFor() const = 0;
  virtual void SleepUntil(TimePoint time) = 0;
};

class MonotonicClock final : public Clock {
 public:
  TimePoint Now() const override { return std::chrono::steady_clock::now(); }
  Duration SuspendedFor() const override;
  void SleepUntil(TimePoint time) override;
};

// Time that moves only when told to: sleeping advances it. For tests and simulation.
class VirtualClock : public Clock {
 public:
  explicit VirtualClock(TimePoint start = TimePoint{}) : now_(start.time_since_epoch().count()) {}
  TimePoint Now() const override { return TimePoint(Duration(now_.load())); }
  Duration SuspendedFor() const override { return Duration(suspended_.load()); }
  void SleepUntil(TimePoint time) override;
  void Advance(Duration by) { now_ += by.count(); }
  // The unit sleeps; Now stands still.
  void Suspend(Duration by) { suspended_ += by.count(); }

 private:
  std::atomic<Duration::rep> now_;
  std::atomic<Duration::rep> suspended_{0};
};

}  // namespace taktgate

#endif  // TAKTGATE_BASE_CLOCK_H_
