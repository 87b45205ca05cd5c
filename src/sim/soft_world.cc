#include "sim/soft_world.h"

#include <limits>
#include <utility>

namespace taktgate::sim {

SoftWorld::SoftWorld(const SoftSettings& of, std::vector<Fault> wrong)
    : settings(of),
      faults(std::move(wrong)),
      by_count(of.gate.belt.mode == gate::BeltMode::kByCount),
      random(Random::Of(of.seed, 0x6c696e65)),
      referee(of) {
  for (const Fault& fault : faults) {
    if (fault.kind != FaultKind::kCountersNearWrap) continue;
    using Counter = decltype(counters_from);
    constexpr Counter kLast = std::numeric_limits<Counter>::max();  // the next count is 0
    counters_from = numbers_from = kLast - static_cast<Counter>(fault.count) + 1;
  }
}

void SoftWorld::Schedule(TimePoint at, LineEvent::Kind kind, std::uint64_t a, std::uint64_t b) {
  Must(events.Put(at, {kind, a, b}), "the simulator's own list of events is full");
}

}  // namespace taktgate::sim
