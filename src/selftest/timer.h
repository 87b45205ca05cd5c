#ifndef TAKTGATE_SELFTEST_TIMER_H_
#define TAKTGATE_SELFTEST_TIMER_H_

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/latency_histogram.h"
#include "selftest/point.h"

namespace taktgate::selftest {

// How late threads woke up that slept until fixed times, one millisecond apart. Every due time
// counts, also those that a thread slept through, so one long stall is not one number among many.
struct TimerLatency {
  LatencyHistogram realtime;  // at the gate thread's priority, where that was allowed
  LatencyHistogram ordinary;  // what the machine does to every thread (session::HiccupWatch)
  std::string refused;        // why there was no real-time priority; empty: there was
};

// Blocks for `length`. Threads: one of its own and that of the hiccup watch.
TimerLatency MeasureTimer(Duration length);

// The points "real-time priority" and "timer latency"; a wake-up is late if it takes a given share
// of `window`.
std::vector<Point> JudgeTimer(const TimerLatency& latency, Duration window);

// The drawn histogram, one line per range.
std::string TimerPicture(const LatencyHistogram& latency);

}  // namespace taktgate::selftest

#endif  // TAKTGATE_SELFTEST_TIMER_H_
