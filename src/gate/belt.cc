#include "gate/belt.h"

#include <algorithm>

namespace taktgate::gate {
namespace {

bool AtCamera(const GateSettings& settings) { return settings.belt.mode == BeltMode::kAtCamera; }

std::int64_t OpenAfterEdge(const GateSettings& settings) {
  return AtCamera(settings) ? 0 : settings.belt.distance - settings.belt.lead;
}
std::int64_t DueAfterEdge(const GateSettings& settings) {
  return AtCamera(settings) ? settings.window.count() : settings.belt.distance;
}
std::int64_t CloseAfterEdge(const GateSettings& settings) {
  return DueAfterEdge(settings) +
         (AtCamera(settings) ? settings.pass_hold.count() : settings.belt.hold);
}

}  // namespace

Belt::Belt(const GateSettings& settings)
    : counted_(settings.belt.mode == BeltMode::kByCount),
      open_(OpenAfterEdge(settings)),
      due_(DueAfterEdge(settings)),
      close_(CloseAfterEdge(settings)),
      spacing_(std::max(settings.belt.spacing, close_ - open_)),
      tolerance_(settings.belt.reverse_tolerance),
      age_(settings.belt.position_age) {}

// The signed difference of two 32-bit counts is right across the wrap, in both directions.
std::int64_t Belt::Unwrapped(std::uint32_t count) const {
  return position_ + static_cast<std::int32_t>(count - count_);
}

void Belt::OnEncoder(std::uint32_t count, TimePoint at, TimePoint now) {
  const TimePoint seen_at = std::min(at, now);
  if (!counted_ || (has_count_ && seen_at < position_at_)) return;
  if (has_count_) position_ = Unwrapped(count);
  const bool found_again = LostAt(position_at_) && !LostAt(seen_at);
  if (found_again) alone_from_ = position_ + spacing_;
  has_count_ = true;
  count_ = count;
  position_at_ = seen_at;
  furthest_ = std::max(furthest_, position_);
}

bool Belt::OnEdge(TimePoint edge_at, std::uint32_t count, TimePoint now) {
  std::int64_t edge = edge_at.time_since_epoch().count();
  if (counted_) {
    OnEncoder(count, edge_at, now);
    edge = Unwrapped(count);
  }
  const bool too_close = has_edge_ && edge < last_edge_ + spacing_;
  has_edge_ = true;
  last_edge_ = edge;
  return too_close;
}

void Belt::Lose(TimePoint now) {
  lost_until_ = now;
  alone_from_ = counted_ ? kFar : now.time_since_epoch().count() + spacing_;
}

Place Belt::PlaceOfLastEdge() const {
  return {last_edge_ + open_, last_edge_ + due_, last_edge_ + close_};
}

std::int64_t Belt::PositionAt(TimePoint time) const {
  return counted_ ? position_ : time.time_since_epoch().count();
}

bool Belt::KnownAt(TimePoint now) const {
  return !counted_ || (has_count_ && !LostAt(position_at_) && now < KnownUntil());
}

bool Belt::MovedOnSince(TimePoint time) const {
  return LostAt(time) || (counted_ && position_at_ - time >= age_);
}

TimePoint Belt::KnownUntil() const { return counted_ ? position_at_ + age_ : TimePoint::max(); }

TimePoint Belt::InPlaceUntil(const Place& place) const {
  if (!counted_) return TimeOf(place.close);
  const std::int64_t hold = place.close - place.due;
  const std::int64_t left = std::clamp<std::int64_t>(place.close - position_, 0, hold);
  return position_at_ + (hold == 0 ? Duration(0) : age_ * left / hold);
}

TimePoint Belt::TimeOf(std::int64_t position) const {
  return counted_ ? TimePoint::max() : TimePoint(Duration(position));
}

void Belt::Clear() {
  has_edge_ = false;
  furthest_ = position_;
}

}  // namespace taktgate::gate
