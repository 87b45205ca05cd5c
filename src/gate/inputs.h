#ifndef TAKTGATE_GATE_INPUTS_H_
#define TAKTGATE_GATE_INPUTS_H_

#include "gate/events.h"

namespace taktgate::gate {

// What receives the gate's events: the gate itself, and what is put in front of it to write them
// down (RecordedGate) or to judge them (the simulator).
//
// Threads: one, the gate's. `now` must not run backwards from event to event.
class GateInputs {
 public:
  virtual ~GateInputs() = default;
  // False when an order (command, release, challenge, acknowledgement) is refused and nothing has
  // changed; true otherwise.
  virtual bool On(const event::Input& input) = 0;
  // The latest time at which event::Time must be given; TimePoint::max() if nothing is due.
  virtual TimePoint NextTimer() const = 0;
};

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_INPUTS_H_
