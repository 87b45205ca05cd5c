#ifndef TAKTGATE_GATE_PART_RING_H_
#define TAKTGATE_GATE_PART_RING_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gate/belt.h"
#include "gate/decision.h"

namespace taktgate::gate {

// One part on its way from light barrier to gate.
struct Part {
  enum class Stage : std::uint8_t {
    kTriggered,  // waits for its frame
    kImaged,     // waits for its answer
    kProven,     // a timely pass; waits for its place in the gate
    kDecided,
  };
  Decision decision;
  Place place;
  Stage stage = Stage::kDecided;
  bool presented = false;  // was in its place, VALID was given
  bool seen = false;       // by the gate sensor
  bool closed = false;     // through the gate
  bool cut_short = false;  // its PASS was
  bool in_bin = false;
  bool checked = false;  // the bin sensor has answered, or its time is over
  bool challenge = false;
  TimePoint closed_at{};

  bool decided() const { return stage == Stage::kDecided; }
};

// The parts in flight and the last ones before them, in a fixed ring allocated once. Sequences
// count from 1; [live_from, next) are in flight.
//
// Threads: one, the gate's.
class PartRing {
 public:
  explicit PartRing(std::size_t capacity) : ring_(capacity) {}

  bool full() const { return next_ - live_from_ == ring_.size(); }
  std::uint64_t live_from() const { return live_from_; }
  std::uint64_t next() const { return next_; }
  // The first sequence whose slot was not taken by a later part.
  std::uint64_t kept_from() const { return next_ > ring_.size() ? next_ - ring_.size() : 1; }

  // A new part in the slot of the oldest; the ring must not be full.
  Part& Add() {
    Part& part = ring_[next_ % ring_.size()];
    part = Part{};
    part.stage = Part::Stage::kTriggered;
    part.decision.part.sequence = next_++;
    return part;
  }
  // The oldest part in flight is done with.
  void Retire() { ++live_from_; }

  Part& At(std::uint64_t sequence) { return ring_[sequence % ring_.size()]; }
  const Part& At(std::uint64_t sequence) const { return ring_[sequence % ring_.size()]; }
  // nullptr for a part that never was, or was too long ago.
  Part* Find(std::uint64_t sequence) {
    return sequence >= kept_from() && sequence < next_ ? &At(sequence) : nullptr;
  }
  // For checkpoints (state_bytes.h): every member that changes.
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(ring_, live_from_, next_);
    visit.Check(live_from_ >= 1 && live_from_ <= next_ && next_ - live_from_ <= ring_.size());
  }

 private:
  std::vector<Part> ring_;
  std::uint64_t live_from_ = 1;
  std::uint64_t next_ = 1;
};

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_PART_RING_H_
