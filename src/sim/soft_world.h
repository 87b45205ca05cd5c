#ifndef TAKTGATE_SIM_SOFT_WORLD_H_
#define TAKTGATE_SIM_SOFT_WORLD_H_

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "sim/event_heap.h"
#include "sim/fault.h"
#include "sim/line_event.h"
#include "sim/line_part.h"
#include "sim/referee.h"
#include "sim/soft_clock.h"
#include "sim/soft_settings.h"

namespace taktgate::sim {

// A fault of the belt or of the signals still shows for so long after its end.
inline constexpr Duration kSettles = std::chrono::milliseconds(200);

// What all who take part in a soft line share: time, what comes next, chance, and who counts and
// judges. The same draws in the same order make the same line.
//
// Threads: one.
struct SoftWorld {
  SoftWorld(const SoftSettings& of, std::vector<Fault> wrong);

  void Schedule(TimePoint at, LineEvent::Kind kind, std::uint64_t a = 0, std::uint64_t b = 0);
  // Now, on the station's clock.
  TimePoint ClockNow() const { return clock.At(now); }
  // What the soft line itself must never do: lose something, or count it twice.
  void Must(bool holds, const char* words) { referee.Must(holds, Invariant::kReconciled, words); }
  // Until this time of the line something other than the gate decides about belt or wire.
  void Disturb(TimePoint until) {
    referee.Disturbed(until == TimePoint::max() ? until : until - clock.slept());
  }

  const SoftSettings settings;
  const std::vector<Fault> faults;
  const bool by_count;
  TimePoint now{};
  EventHeap<LineEvent> events{8192};
  Random random;
  SoftClock clock;
  std::uint32_t boot = 0;           // of the station that runs, or was the last to run
  std::uint32_t counters_from = 0;  // where 32-bit counters of encoder and camera start
  std::uint32_t numbers_from = 1;   // and the PLC's numbers
  Referee referee;
  LineTallies tallies;
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_SOFT_WORLD_H_
