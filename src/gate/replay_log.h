#ifndef TAKTGATE_GATE_REPLAY_LOG_H_
#define TAKTGATE_GATE_REPLAY_LOG_H_

#include <cstdint>
#include <optional>
#include <span>

#include "base/result.h"
#include "gate/event_log.h"

namespace taktgate::gate {

// What a fresh gate made of recorded events.
struct Replay {
  std::uint64_t inputs = 0;
  std::uint64_t outputs = 0;
  std::uint64_t decisions = 0;
  // The first output that is not the recorded one, bit for bit. Without `recorded` the gate did
  // more than was recorded, without `replayed` less, without both its state at the next stretch was
  // different.
  struct Difference {
    std::uint64_t event = 0;  // its number in the record, from 1
    std::optional<event::Any> recorded;
    std::optional<event::Any> replayed;
  };
  std::optional<Difference> difference;
};

// Feeds the recorded inputs to a fresh gate that starts in the recorded state, and compares all
// that comes out. The output's answer to each level is taken from the record. corrupt: not the
// state or the events of a gate with these settings.
Result<Replay> ReplayLog(const GateSettings& settings, std::span<const LogStretch> stretches);

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_REPLAY_LOG_H_
