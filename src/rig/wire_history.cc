#include "rig/wire_history.h"

#include <algorithm>

namespace taktgate::rig {

Stood Stretch::At(TimePoint time) const {
  if (time < rise.before || time >= rise.until) return Stood::kNo;
  if (fell && time >= fall.after) return Stood::kNo;
  if (time < rise.after || (fell && time >= fall.before)) return Stood::kMaybe;
  return Stood::kYes;
}

void WireHistory::Add(const line::Change& change) {
  const bool stands = !stretches_.empty() && !stretches_.back().fell;
  if (stands == change.energised) {
    ++contradictions_;
  } else if (change.energised) {
    stretches_.push_back({change, false, {}});
  } else {
    stretches_.back().fell = true;
    stretches_.back().fall = change;
  }
}

const Stretch* WireHistory::Of(TimePoint time) const {
  const auto next =
      std::upper_bound(stretches_.begin(), stretches_.end(), time,
                       [](TimePoint t, const Stretch& stretch) { return t < stretch.rise.before; });
  return next == stretches_.begin() ? nullptr : &*std::prev(next);
}

Stood WireHistory::At(TimePoint time) const {
  const Stretch* stretch = Of(time);
  return stretch == nullptr ? Stood::kNo : stretch->At(time);
}

}  // namespace taktgate::rig
