#ifndef TAKTGATE_SIM_LINE_PART_H_
#define TAKTGATE_SIM_LINE_PART_H_

#include <cstdint>

#include "base/clock.h"
#include "sim/fault.h"

namespace taktgate::sim {

// A part on the belt: the truth, and what happened to it.
struct LinePart {
  std::uint64_t number = 0;  // along the line, from 1
  std::int64_t place = 0;    // of the belt when it breaks the light barrier
  bool defective = false;
  Upsets upsets;
  // Its last edge that was reported to the station; 0: none.
  std::uint32_t boot = 0;
  std::uint64_t edge = 0;
  std::uint32_t plc_number = 0;
  bool on_belt = false;
  bool ejected = false;
  bool in_gate = false;
  TimePoint entered_at{};
};

// What the soft PLC and the sensors at the end of the belt counted: none of it comes from the
// station.
struct LineTallies {
  std::uint64_t parts = 0;
  std::uint64_t defective = 0;
  std::uint64_t passed = 0;
  std::uint64_t passed_defective = 0;
  std::uint64_t ejected = 0;
  std::uint64_t ejected_good = 0;
  std::uint64_t removed = 0;
  std::uint64_t crossings = 0;  // of the light barrier, bounces included
  std::uint64_t edges_missed = 0;
  std::uint64_t edges_unheard = 0;  // while no station was there
  std::uint64_t frames = 0;
  std::uint64_t triggers_ignored = 0;
  std::uint64_t frames_lost = 0;
  std::uint64_t stations = 0;
  std::uint64_t passes_looked_at = 0;  // that rose while the belt could be followed
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_LINE_PART_H_
