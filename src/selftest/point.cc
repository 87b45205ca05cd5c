#include "selftest/point.h"

#include <algorithm>
#include <cstdio>

namespace taktgate::selftest {
namespace {

std::string NamesOf(const std::vector<Point>& points, Standing standing) {
  std::string names;
  for (const Point& point : points) {
    if (point.standing == standing) names += (names.empty() ? "" : ", ") + point.name;
  }
  return names;
}

}  // namespace

std::string_view ToString(Standing standing) {
  switch (standing) {
    case Standing::kOk:
      return "ok";
    case Standing::kNotApplicable:
      return "not applicable";
    case Standing::kWarn:
      return "warn";
    case Standing::kFail:
      return "FAIL";
  }
  return "FAIL";
}

Standing WorstOf(const std::vector<Point>& points) {
  Standing worst = Standing::kOk;
  for (const Point& point : points) worst = std::max(worst, point.standing);
  return worst == Standing::kNotApplicable ? Standing::kOk : worst;
}

std::string Conclusion(const std::vector<Point>& points, Duration window) {
  char time[32];
  std::snprintf(time, sizeof time, "%g ms", static_cast<double>(window.count()) / 1e6);
  switch (WorstOf(points)) {
    case Standing::kFail:
      return std::string(time) + " cannot be trusted here: " + NamesOf(points, Standing::kFail) +
             ". Parts that are late are rejected, never passed.";
    case Standing::kWarn:
      return std::string(time) +
             " held during this test, but is at risk: " + NamesOf(points, Standing::kWarn) + ".";
    default:
      return std::string(time) +
             " can be trusted here, as far as this test reaches; only a long run under load "
             "shows rare stalls.";
  }
}

}  // namespace taktgate::selftest
