#ifndef TAKTGATE_SIM_RANDOM_LINE_H_
#define TAKTGATE_SIM_RANDOM_LINE_H_

#include <cstdint>
#include <vector>

#include "sim/fault.h"
#include "sim/soft_settings.h"

namespace taktgate::sim {

// A random line: mode, distance, lead, hold, spacing, speed, sensors and how parts
// follow each other, all drawn from `seed`. Always sound (CheckSoftSettings).
SoftSettings DrawLine(std::uint64_t seed, std::uint64_t parts);
// One that mode r can play: no reject bin, parts at equal distances, and at most 20 parts per
// second, because a station refuses a line that is faster than its model on a busy machine.
SoftSettings DrawRealLine(std::uint64_t seed, std::uint64_t parts);

// What makes the station of such a line stand still, again and again: the deciding thread, the
// signal thread or the whole unit, for 0.1 ms to 3 s. Also counts that are early or late, and a
// belt that stops and changes its speed.
std::vector<Fault> DrawStalls(std::uint64_t seed, const SoftSettings& line);

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_RANDOM_LINE_H_
