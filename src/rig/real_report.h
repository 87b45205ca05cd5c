#ifndef TAKTGATE_RIG_REAL_REPORT_H_
#define TAKTGATE_RIG_REAL_REPORT_H_

#include <cstdint>
#include <string>

#include "base/latency_histogram.h"
#include "rig/real_referee.h"

namespace taktgate::rig {

// What was done to the processes of a real line, and what the machine did to all of them.
struct RealConditions {
  double parts_per_second = 0;
  Duration length{};
  int hogs = 0;
  std::uint64_t starts = 0;
  std::uint64_t kills = 0;
  std::uint64_t stalls = 0;
  std::uint64_t freezes = 0;
  std::uint64_t failures = 0;  // a station that ended by itself before the line did
  std::string failure;         // the words of the last one
  std::uint64_t swaps = 0;     // of the release, as asked for
  std::string refusal;         // the last one, in words
  std::uint64_t frames_lost = 0;
  std::uint64_t relay_openings = 0;
  LatencyHistogram restart;  // kill until READY of the next run
  LatencyHistogram hiccups;
};

// As a table for people, in the shape of mode V's.
std::string RealTable(const RealReferee& referee, const RealConditions& conditions);
// The same as one JSON object.
std::string RealJson(const RealReferee& referee, const RealConditions& conditions);

}  // namespace taktgate::rig

#endif  // TAKTGATE_RIG_REAL_REPORT_H_
