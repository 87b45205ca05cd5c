#ifndef TAKTGATE_RIG_REAL_PACE_H_
#define TAKTGATE_RIG_REAL_PACE_H_

#include "gate/settings.h"
#include "line/replay.h"

namespace taktgate::rig {

// A part darkens the light barrier for 2 ms, and at this rate leaves it free for as long.
inline constexpr double kMostPartsPerSecond = 250;

// Where parts of this period come so close that one is still in the gate when the next one breaks
// the barrier, all times of camera and gate shrink with the period.
void KeepPace(line::Schedule& schedule, gate::GateSettings& gate);

}  // namespace taktgate::rig

#endif  // TAKTGATE_RIG_REAL_PACE_H_
