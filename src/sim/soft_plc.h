#ifndef TAKTGATE_SIM_SOFT_PLC_H_
#define TAKTGATE_SIM_SOFT_PLC_H_

#include <cstdint>

#include "sim/soft_door.h"
#include "sim/soft_world.h"

namespace taktgate::sim {

// The PLC: its heartbeat, and its number for each part, if the line has them.
//
// Threads: one.
class SoftPlc {
 public:
  SoftPlc(SoftWorld& world, SoftDoor& door)
      : world_(world), door_(door), next_(world.numbers_from) {}

  void Start();
  void Beat();
  // A part breaks the barrier, not for the first time perhaps.
  void Sees(LinePart& part);
  void SayNumber(std::uint32_t number, std::uint64_t line_part);

  void FaultBegins(const Fault& fault);
  void FaultEnds(const Fault& fault);

 private:
  static constexpr Duration kHalf = std::chrono::milliseconds(500);

  SoftWorld& world_;
  SoftDoor& door_;
  std::uint32_t next_;
  bool level_ = false;
  Duration half_ = kHalf;  // of its heartbeat's period
  int stuck_ = -1;         // or the level
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_SOFT_PLC_H_
