#include "gate/pairing.h"

namespace taktgate::gate {

Pairing::Pairing(const GateSettings& settings)
    : capture_from_(settings.capture_from), capture_until_(settings.capture_until) {}

bool Pairing::Covers(const Part& part, const FrameSeen& frame) const {
  const Duration after_edge = frame.captured_at - part.decision.trigger_at;
  return after_edge >= capture_from_ && after_edge <= capture_until_;
}

Part* Pairing::OnlyOneByTime(const FrameSeen& frame, PartRing& ring) const {
  Part* found = nullptr;
  for (std::uint64_t sequence = ring.next() - 1; sequence >= ring.kept_from(); --sequence) {
    Part& part = ring.At(sequence);
    if (!Covers(part, frame)) continue;
    if (found != nullptr) return nullptr;
    found = &part;
  }
  return found;
}

Pairing::Found Pairing::Look(const FrameSeen& frame, PartRing& ring) const {
  Found found;
  found.by_time = OnlyOneByTime(frame, ring);
  // Cameras count in 32 bit: the signed difference is right across their wrap.
  const auto since = static_cast<std::int32_t>(static_cast<std::uint32_t>(frame.sequence) -
                                               static_cast<std::uint32_t>(frame_anchor_));
  if (!paired_ || since < 0) return found;
  const std::uint64_t sequence = part_anchor_ + static_cast<std::uint64_t>(since);
  found.by_count = ring.Find(sequence);
  found.overtook = found.by_time == nullptr && sequence == ring.next();
  return found;
}

void Pairing::Anchor(const FrameSeen& frame, const Part* part) {
  paired_ = part != nullptr;
  if (!paired_) return;
  part_anchor_ = part->decision.part.sequence;
  frame_anchor_ = frame.sequence;
}

}  // namespace taktgate::gate
