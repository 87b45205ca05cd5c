#ifndef TAKTGATE_GATE_PAIRING_H_
#define TAKTGATE_GATE_PAIRING_H_

#include <cstdint>

#include "gate/part_ring.h"
#include "gate/settings.h"

namespace taktgate::gate {

// Which part does a frame show? By count: frames since the last known pair. By time: its capture
// lies in the expected interval after the edge of exactly one part. Both must name the same part.
// If they disagree, the count starts again at the next frame that time alone gives to exactly one
// part.
//
// Threads: one, the gate's.
class Pairing {
 public:
  explicit Pairing(const GateSettings& settings);

  struct Found {
    Part* by_count = nullptr;
    Part* by_time = nullptr;
    bool overtook = false;  // the next edge's frame, reported before its edge
    bool agreed() const { return by_count != nullptr && by_count == by_time; }
  };
  Found Look(const FrameSeen& frame, PartRing& ring) const;
  // The frame was captured while this part was before the camera.
  bool Covers(const Part& part, const FrameSeen& frame) const;
  // The part that the frame shows; nullptr: unknown, and the count must be found again.
  void Anchor(const FrameSeen& frame, const Part* part);
  // For checkpoints (state_bytes.h): every member that changes.
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(paired_, part_anchor_, frame_anchor_);
  }

 private:
  Part* OnlyOneByTime(const FrameSeen& frame, PartRing& ring) const;

  const Duration capture_from_;
  const Duration capture_until_;
  // The last known pair: frame `frame_anchor_` showed part `part_anchor_`.
  bool paired_ = true;
  std::uint64_t part_anchor_ = 1;
  std::uint64_t frame_anchor_ = 0;
};

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_PAIRING_H_
