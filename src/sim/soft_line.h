#ifndef TAKTGATE_SIM_SOFT_LINE_H_
#define TAKTGATE_SIM_SOFT_LINE_H_

#include <vector>

#include "sim/soft_devices.h"
#include "sim/soft_station.h"
#include "sim/soft_world.h"

namespace taktgate::sim {

// A line in virtual time around the real gate and its pump: belt, light barrier, camera, model,
// ejector, bin, PLC, operator, supervisor, and everything that a fault script makes go wrong. The
// same settings, faults and seed give the same line, event by event. The referee learns everything
// that happens.
//
// Threads: one. Nothing is allocated per part; a station that starts again allocates its gate.
class SoftLine {
 public:
  SoftLine(const SoftSettings& settings, std::vector<Fault> faults, MakeGate make);

  // Until all parts are through and the station has stopped. Once.
  void Run();

  const Referee& referee() const { return world_.referee; }
  const LineTallies& tallies() const { return world_.tallies; }
  Duration length() const { return world_.now.time_since_epoch(); }

 private:
  void Handle(const LineEvent& what);
  void ScheduleFaults();
  void FaultBegins(std::uint64_t which);
  void FaultEnds(const Fault& fault);
  void TryToEnd();

  SoftWorld world_;
  SoftDevices devices_{world_};
  SoftStation station_;
  bool over_ = false;
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_SOFT_LINE_H_
