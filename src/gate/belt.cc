#include "gate/belt.h"

#include <algorithm>

namespace taktgate::gate {
namespace {

bool AtCamera(const GateSettings& settings) { return settings.belt.mode == BeltMode::kAtCamera; }

std::int64_t OpenBehindEdge(const GateSettings& settings) {
  return AtCamera(settings) ? 0 : settings.belt.distance - settings.belt.lead;
}
std::int64_t DueBehindEdge(const GateSettings& settings) {
  return AtCamera(settings) ? settings.window.count() : settings.belt.distance;
}
std::int64_t CloseBehindEdge(const GateSettings& settings) {
  return DueBehindEdge(settings) +
         (AtCamera(settings) ? settings.pass_hold.count() : settings.belt.hold);
}

}  // namespace

Belt::Belt(const GateSettings& settings)
    : counted_(settings.belt.mode == BeltMode::kByCount),
      open_(OpenBehindEdge(settings)),
      due_(DueBehindEdge(settings)),
      close_(CloseBehindEdge(settings)),
      spacing_(std::max(settings.belt.spacing, close_ - open_)),
      tolerance_(settings.belt.reverse_tolerance) {}

// The signed difference of two 32-bit counts is right across the wrap, in both directions.
std::int64_t Belt::Unwrapped(std::uint32_t count) const {
  return position_ + static_cast<std::int32_t>(count - count_);
}

void Belt::OnEncoder(std::uint32_t count) {
  if (!counted_) return;
  if (has_count_) position_ = Unwrapped(count);
  has_count_ = true;
  count_ = count;
  furthest_ = std::max(furthest_, position_);
}

bool Belt::OnEdge(TimePoint edge_at, std::uint32_t count) {
  std::int64_t edge = edge_at.time_since_epoch().count();
  if (counted_) {
    // An edge may be reported behind later counts; it never moves the belt back.
    if (!has_count_ || Unwrapped(count) > position_) OnEncoder(count);
    edge = Unwrapped(count);
  }
  const bool too_close = has_edge_ && edge < last_edge_ + spacing_;
  has_edge_ = true;
  last_edge_ = edge;
  return too_close;
}

Place Belt::PlaceOfLastEdge() const {
  return {last_edge_ + open_, last_edge_ + due_, last_edge_ + close_};
}

std::int64_t Belt::PositionAt(TimePoint now) const {
  return counted_ ? position_ : now.time_since_epoch().count();
}

TimePoint Belt::TimeOf(std::int64_t position) const {
  return counted_ ? TimePoint::max() : TimePoint(Duration(position));
}

void Belt::Clear() {
  has_edge_ = false;
  furthest_ = position_;
}

}  // namespace taktgate::gate
