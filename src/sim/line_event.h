#ifndef TAKTGATE_SIM_LINE_EVENT_H_
#define TAKTGATE_SIM_LINE_EVENT_H_

#include <cstdint>

namespace taktgate::sim {

// What happens on a soft line at its time. SoftLine::Handle says whom it concerns.
struct LineEvent {
  enum class Kind : std::uint8_t {
    kStationStarts,
    kGoOnline,  // station
    kBounce,    // part
    kEntersGate,
    kLeavesGate,
    kFalls,        // into the bin
    kMustBeSeen,   // there: disagreements, station
    kCapture,      // part
    kSecondFrame,  // part
    kArrives,      // slot, station
    kRunEnds,      // number of the run
    kNumber,       // part
    kBeat,         // of the PLC
    kOperator,
    kSupervisor,   // station
    kFaultBegins,  // which
    kFaultEnds,
    kBeltRuns,
    kLineEnds,
  };
  Kind kind = Kind::kLineEnds;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_LINE_EVENT_H_
