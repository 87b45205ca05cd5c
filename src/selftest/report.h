#ifndef TAKTGATE_SELFTEST_REPORT_H_
#define TAKTGATE_SELFTEST_REPORT_H_

#include <string>
#include <vector>

#include "base/clock.h"
#include "selftest/point.h"
#include "selftest/timer.h"
#include "session/station_file.h"

// `taktgate selftest` as a whole: all points, and how they are shown.
namespace taktgate::selftest {

struct Report {
  std::vector<Point> points;
  TimerLatency timer;
};

// Looks at the machine and runs the timer for `timer_test`. Blocks that long.
Report TestMachine(Duration timer_test, Duration window);

// What a station of this file needs. Its devices are opened as `run` does it, but no station is
// started: PASS is never energised, no part id is used up, nothing is recorded.
std::vector<Point> TestStation(const session::StationFile& file);

std::string ReportText(const Report& report, Duration window);
std::string ReportJson(const Report& report, Duration window);

}  // namespace taktgate::selftest

#endif  // TAKTGATE_SELFTEST_REPORT_H_
