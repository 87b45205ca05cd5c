#ifndef TAKTGATE_GATE_EVENT_LOG_H_
#define TAKTGATE_GATE_EVENT_LOG_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "gate/events.h"
#include "gate/gate.h"
#include "gate/settings.h"
#include "gate/state_bytes.h"

namespace taktgate::gate {

// A stretch of the gate's life: its whole state, and everything that went in and came out from
// there on, as bytes (docs/formats.md, 8).
struct LogStretch {
  std::span<const std::uint8_t> state;
  std::span<const std::uint8_t> events;
};

// The last events of a gate, in two stretches that follow each other. When the newer one is full,
// the older one is forgotten and a new one starts with the gate's state of that moment; so what is
// kept can always be replayed. All memory is made and touched at construction.
//
// Threads: one, the gate's; Return from the thread that HandOver's stretches were handed to.
class EventLog {
 public:
  // `stretch_bytes` is raised to at least what the gate's state and one event may need.
  explicit EventLog(const GateSettings& settings, std::size_t stretch_bytes = 1 << 20);

  // Before an event goes into the gate: makes room for it and for all that it may cause.
  void MakeRoom(Gate& gate) {
    if (broken_ || at(current_).bytes.size() - at(current_).size < reserve_) StartStretch(gate);
  }
  template <typename Event>
  void Add(const Event& event) {
    Stretch& stretch = at(current_);
    StateWriter writer(std::span(stretch.bytes).subspan(stretch.size));
    writer(Event::kKind, event);
    // Cannot happen while MakeRoom's bound is right; a stretch with a hole is never handed out.
    broken_ = broken_ || writer.overflowed();
    stretch.size += writer.size();
  }

  // Hands out what is kept, the older stretch first, and goes on in other memory. nullopt: what was
  // handed out last has not been returned yet, or nothing is kept.
  struct Handed {
    std::array<LogStretch, 2> stretches;
    std::size_t count = 0;
  };
  std::optional<Handed> HandOver(Gate& gate);
  void Return() { handed_.store(false, std::memory_order_release); }

 private:
  struct Stretch {
    std::vector<std::uint8_t> bytes;
    std::size_t state_size = 0;
    std::size_t size = 0;
  };
  static constexpr std::size_t kNone = 4;

  Stretch& at(std::size_t index) { return stretches_[index]; }
  void StartStretch(Gate& gate);
  LogStretch Shown(std::size_t index) const;

  const std::size_t reserve_;
  // Two are kept, two may be with the thread that writes them.
  std::array<Stretch, 4> stretches_;
  std::size_t current_ = 0;
  std::size_t previous_ = kNone;
  bool broken_ = true;  // nothing is kept yet
  std::array<std::size_t, 2> handed_out_{kNone, kNone};
  std::atomic<bool> handed_{false};
};

// The events of a stretch; `corrupt` where bytes are missing or are no events.
Result<std::vector<event::Any>> ReadEvents(std::span<const std::uint8_t> bytes);

// The bytes of one event, its kind in front.
std::vector<std::uint8_t> BytesOf(const event::Any& event);

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_EVENT_LOG_H_
