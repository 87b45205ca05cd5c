#ifndef TAKTGATE_RIG_REAL_BELT_H_
#define TAKTGATE_RIG_REAL_BELT_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "sim/soft_settings.h"

namespace taktgate::rig {

// Where the gate of a real line stands, as times after a part's edge on a belt of constant speed,
// and what the line reports besides edges and frames. PASS may rise in [open, due) and is off at
// close.
struct RealBelt {
  gate::BeltMode mode = gate::BeltMode::kAtCamera;
  Duration open{};
  Duration due{};
  Duration close{};
  double counts_per_second = 0;  // of the encoder; 0: none
  bool gate_sensor = false;
  bool plc_names_parts = false;
  bool plc_beats = false;

  Duration at_gate() const { return (due + close) / 2; }
  bool has_signals() const {
    return counts_per_second > 0 || gate_sensor || plc_names_parts || plc_beats;
  }
  // The encoder's count so long after the start of the line; begins shortly before the wrap.
  std::uint32_t CountAt(Duration since_start) const;
};

// When a line reported where its belt is. By count a station knows the belt only from that: on a
// machine that reports late, that is the belt. Without an entry both times are the same.
//
// Threads: one.
class BeltHistory {
 public:
  // From now on the belt is where it is planned to be at `planned`; both only grow.
  void Reported(TimePoint now, TimePoint planned) { reported_.emplace_back(now, planned); }
  // Where the belt was known to be at `time`, as the time at which it was planned to be there.
  TimePoint PlannedAt(TimePoint time) const;
  // When a station could know at the earliest that the belt had come so far.
  TimePoint KnownAt(TimePoint planned) const;

 private:
  std::vector<std::pair<TimePoint, TimePoint>> reported_;
};

// The belt of a soft line, with so much lead and hold that a machine under load hits the place.
// invalid: what mode R cannot play, and why.
Result<RealBelt> RealBeltOf(sim::SoftSettings& line);

}  // namespace taktgate::rig

#endif  // TAKTGATE_RIG_REAL_BELT_H_
