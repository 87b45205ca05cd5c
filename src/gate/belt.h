#ifndef TAKTGATE_GATE_BELT_H_
#define TAKTGATE_GATE_BELT_H_

#include <cstdint>

#include "base/clock.h"
#include "gate/settings.h"

namespace taktgate::gate {

// Where a part is in the gate, as absolute positions of the belt. PASS may be energised in
// [open, due) and stays until close.
struct Place {
  std::int64_t open = 0;
  std::int64_t due = 0;
  std::int64_t close = 0;
};

// Follows parts to the gate in one unit: nanoseconds, or encoder counts unwrapped to 64 bit. The
// gate at the camera is a belt by time whose place opens at the edge and is due when the answer is.
//
// Threads: one, the gate's.
class Belt {
 public:
  explicit Belt(const GateSettings& settings);

  // The belt was at `count` (32 bit, wrapping) at the time `at`. By count only; otherwise without
  // effect. A count that is older than the last one changes nothing: counts and edges come by
  // different threads. An `at` later than `now` counts as `now`.
  void OnEncoder(std::uint32_t count, TimePoint at, TimePoint now);
  // An edge of the light barrier; true when it came closer to the last one than parts can be.
  bool OnEdge(TimePoint edge_at, std::uint32_t count, TimePoint now);
  // Where the part of the last edge will be in the gate.
  Place PlaceOfLastEdge() const;

  // By time: where the belt is. By count: where it was last known to be.
  std::int64_t PositionAt(TimePoint time) const;
  // Does PositionAt say where the belt really is? By count a position that is older than
  // position_age (docs/gate.md) proves nothing.
  bool KnownAt(TimePoint now) const;
  // True if the belt was lost since, or if its last position is much later: where it was then is
  // forgotten.
  bool MovedOnSince(TimePoint time) const;
  // By count: how long the last position is good; max() by time.
  TimePoint KnownUntil() const;
  // The part cannot have left this place before. By count the belt runs at most `hold` in
  // position_age, so what is left of the place takes at least that share of it.
  TimePoint InPlaceUntil(const Place& place) const;
  // By count: when it was known; `now` by time.
  TimePoint KnownFrom(TimePoint now) const { return counted_ ? position_at_ : now; }
  // The belt may have moved unseen up to `now`: anything older says nothing about it.
  void Lose(TimePoint now);
  bool LostAt(TimePoint time) const { return time <= lost_until_; }
  // False if a part that nobody saw may be closer before the last edge than parts can be: the belt
  // has not moved by `spacing` since it was lost. So of every edge from before that.
  bool LastEdgeIsAlone() const { return last_edge_ >= alone_from_; }
  // When a position is reached; max() if only the encoder knows.
  TimePoint TimeOf(std::int64_t position) const;
  // The belt has run back so far that parts may have crossed the barrier again.
  bool reversed() const { return furthest_ - position_ > tolerance_; }
  // The belt is empty: forgets the last edge and how far it ran back.
  void Clear();
  // For checkpoints (state_bytes.h): every member that changes.
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(has_count_, count_, position_, position_at_, furthest_, has_edge_, last_edge_,
          lost_until_, alone_from_);
  }

 private:
  static constexpr std::int64_t kFar = std::int64_t{1} << 60;  // 36 years, or no belt's length

  std::int64_t Unwrapped(std::uint32_t count) const;

  // Constant after construction.
  const bool counted_;
  const std::int64_t open_, due_, close_;  // counted from the edge
  const std::int64_t spacing_;
  const std::int64_t tolerance_;
  const Duration age_;

  bool has_count_ = false;
  std::uint32_t count_ = 0;
  std::int64_t position_ = 0;
  TimePoint position_at_{};
  std::int64_t furthest_ = 0;
  bool has_edge_ = false;
  std::int64_t last_edge_ = 0;
  TimePoint lost_until_ = TimePoint::min();
  std::int64_t alone_from_ = -kFar;  // the first place where an edge is alone
};

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_BELT_H_
