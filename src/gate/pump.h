#ifndef TAKTGATE_GATE_PUMP_H_
#define TAKTGATE_GATE_PUMP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "gate/inputs.h"

namespace taktgate::gate {

// Where events come from, in the order in which they are taken if they happened at the same time:
// an edge before what belongs to it, orders of people last.
enum class Source : std::uint8_t { kEdges, kSignals, kFrames, kAnswers, kOrders };
inline constexpr std::size_t kSources = 5;

// Where they wait: one queue for each source, each in its own order.
class Door {
 public:
  virtual ~Door() = default;
  // Takes the next event of this source out of its queue; false when none waits.
  virtual bool Next(Source source, event::Input& input) = 0;
  // The gate has taken that event; `accepted` is its answer (GateInputs::On).
  virtual void Taken(Source, bool /*accepted*/) {}
};

// Puts what the threads of a station report into the gate's order: of the events that wait, the one
// that happened first. Station and simulator both take their events through it, so that what is
// proven about the order holds for the shipped program. At most one event of each source is held
// here; the others wait in their queues.
//
// Resumed, the commands of start and end and the change of a release do not come through it: the
// deciding thread makes them itself and gives them at once, so nothing can keep them waiting.
// Events that wait in a queue meanwhile come after them, with the time at which they happened.
//
// Pure: no thread, no lock, no clock. Threads: one, the gate's.
class Pump {
 public:
  Pump(Door& door, GateInputs& gate) : door_(door), gate_(gate) {}

  // Gives the gate the next event. If none waits, the gate is only told the time, if one of its
  // timers is due, and the answer is false: the caller may wait until the gate's next timer.
  bool Step(TimePoint now);

 private:
  void Fill();
  std::optional<std::size_t> First() const;

  Door& door_;
  GateInputs& gate_;
  // The oldest event of each source.
  struct Head {
    bool waits = false;
    event::Input input;
  };
  std::array<Head, kSources> heads_;
};

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_PUMP_H_
