#include "gate/pump.h"

namespace taktgate::gate {

bool Pump::Step(TimePoint now) {
  Fill();
  const auto first = First();
  if (!first) {
    gate_.On(event::Time{now});
    return false;
  }
  event::Input input = *heads_[*first];
  heads_[*first].reset();
  std::visit([now](auto& event) { event.now = now; }, input);
  const bool accepted = gate_.On(input);
  door_.Taken(static_cast<Source>(*first), accepted);
  return true;
}

// The last source first: what an event at one queue follows from (a frame from its edge) was put
// into the other queue before it, so it is seen too, whichever thread is ahead.
void Pump::Fill() {
  for (std::size_t source = kSources; source-- > 0;) {
    if (!heads_[source]) heads_[source] = door_.Next(static_cast<Source>(source));
  }
}

std::optional<std::size_t> Pump::First() const {
  std::optional<std::size_t> first;
  for (std::size_t source = 0; source < kSources; ++source) {
    if (!heads_[source]) continue;
    if (!first || HappenedAt(*heads_[source]) < HappenedAt(*heads_[*first])) first = source;
  }
  return first;
}

}  // namespace taktgate::gate
