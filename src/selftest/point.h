#ifndef TAKTGATE_SELFTEST_POINT_H_
#define TAKTGATE_SELFTEST_POINT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

// What a self-test finds out about the machine and the station on it. Each file of points is a
// small set of questions; here is what they have in common.
namespace taktgate::selftest {

enum class Standing : std::uint8_t {
  kOk,
  kNotApplicable,  // this machine does not have it, or does not show it
  kWarn,           // the line runs, but the window is at risk
  kFail,           // the line does not run, or parts will be late
};

std::string_view ToString(Standing standing);

// One answer: what was found, and what to do where it is not well (else empty).
struct Point {
  std::string name;
  Standing standing = Standing::kOk;
  std::string found;
  std::string remedy;
};

// The worst standing of all.
Standing WorstOf(const std::vector<Point>& points);

// In plain words whether `window` can be trusted here, and if not, because of which points.
std::string Conclusion(const std::vector<Point>& points, Duration window);

}  // namespace taktgate::selftest

#endif  // TAKTGATE_SELFTEST_POINT_H_
