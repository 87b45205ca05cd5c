#include "gate/pump.h"

namespace taktgate::gate {

bool Pump::Step(TimePoint now) {
  Fill();
  const auto first = First();
  if (!first) {
    if (gate_.NextTimer() <= now) gate_.On(event::Time{now});
    return false;
  }
  event::Input& input = heads_[*first].input;
  std::visit([now](auto& event) { event.now = now; }, input);
  const bool accepted = gate_.On(input);
  heads_[*first].waits = false;
  door_.Taken(static_cast<Source>(*first), accepted);
  return true;
}

// The last source first: the cause of an event (an edge, of its frame) was put into the other queue
// before the event, so the cause is seen too, whichever thread is ahead.
void Pump::Fill() {
  for (std::size_t source = kSources; source-- > 0;) {
    Head& head = heads_[source];
    if (!head.waits) head.waits = door_.Next(static_cast<Source>(source), head.input);
  }
}

std::optional<std::size_t> Pump::First() const {
  std::optional<std::size_t> first;
  for (std::size_t source = 0; source < kSources; ++source) {
    const Head& head = heads_[source];
    if (!head.waits) continue;
    if (!first || HappenedAt(head.input) < HappenedAt(heads_[*first].input)) first = source;
  }
  return first;
}

}  // namespace taktgate::gate
