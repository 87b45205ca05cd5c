#include "rig/real_belt.h"

#include <algorithm>
#include <cmath>

namespace taktgate::rig {
namespace {

constexpr Duration kLead = std::chrono::milliseconds(3);
constexpr Duration kHold = std::chrono::milliseconds(3);
constexpr std::uint32_t kCountBeforeWrap = UINT32_MAX - 2'000;

Error Cannot(const std::string& what) {
  return {ErrorCode::kInvalid, "mode r cannot play " + what + "; choose another --line"};
}

}  // namespace

std::uint32_t RealBelt::CountAt(Duration since_start) const {
  const double seconds = std::chrono::duration<double>(since_start).count();
  const auto counts = static_cast<std::int64_t>(std::floor(seconds * counts_per_second));
  return kCountBeforeWrap + static_cast<std::uint32_t>(counts);
}

TimePoint BeltHistory::PlannedAt(TimePoint time) const {
  if (reported_.empty()) return time;
  const auto after =
      std::upper_bound(reported_.begin(), reported_.end(), time,
                       [](TimePoint at, const auto& report) { return at < report.first; });
  return after == reported_.begin() ? TimePoint::min() : std::prev(after)->second;
}

TimePoint BeltHistory::KnownAt(TimePoint planned) const {
  if (reported_.empty()) return planned;
  const auto first =
      std::lower_bound(reported_.begin(), reported_.end(), planned,
                       [](const auto& report, TimePoint at) { return report.second < at; });
  return first == reported_.end() ? TimePoint::max() : first->first;
}

Result<RealBelt> RealBeltOf(sim::SoftSettings& line) {
  const sim::SoftSettings sound;
  gate::BeltSettings& belt = line.gate.belt;
  if (line.spacing != sim::SpacingLaw::kFixed) return Cannot("a spacing other than \"fixed\"");
  if (line.gate.bin_within > Duration(0)) return Cannot("a reject bin ([sensors] bin_within)");
  if (line.model_takes != sound.model_takes || line.model_jitter != sound.model_jitter ||
      line.false_reject != sound.false_reject || line.missed != sound.missed ||
      line.unknown != sound.unknown || line.gate.measure_runs) {
    return Cannot("a [model] of its own, its model is the release");
  }
  RealBelt real;
  real.mode = belt.mode;
  real.gate_sensor = line.gate.gate_sensor;
  real.plc_names_parts = line.gate.plc_names_parts;
  real.plc_beats = line.gate.plc_beat_within > Duration(0);
  if (belt.mode == gate::BeltMode::kAtCamera) {
    real.due = line.gate.window;
    real.close = line.gate.window + line.gate.pass_hold;
    return real;
  }
  double unit = 1;  // ns
  if (belt.mode == gate::BeltMode::kByCount) {
    unit = static_cast<double>(line.count_time().count());
    real.counts_per_second = 1e9 / unit;
  }
  const auto lengths = [unit](Duration time) {
    return static_cast<std::int64_t>(std::ceil(static_cast<double>(time.count()) / unit));
  };
  belt.lead = std::max(belt.lead, lengths(kLead));
  belt.hold = std::max(belt.hold, lengths(kHold));
  if (belt.spacing < belt.lead + belt.hold) return Cannot("parts so close");
  const auto time = [unit](std::int64_t length) {
    return Duration(std::llround(static_cast<double>(length) * unit));
  };
  // Where the count of the edge and the present one are cut, the way between them may seem one
  // longer.
  const int cut = belt.mode == gate::BeltMode::kByCount ? 1 : 0;
  real.open = time(belt.distance - belt.lead - cut);
  real.due = time(belt.distance);
  real.close = time(belt.distance + belt.hold);
  return real;
}

}  // namespace taktgate::rig
