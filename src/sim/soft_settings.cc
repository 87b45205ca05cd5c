#include "sim/soft_settings.h"

#include <cmath>
#include <string>

namespace taktgate::sim {
namespace {

constexpr std::int64_t kCountsPerPart = 60;  // of the line below
constexpr double kTopSpeed = 3.1;            // of the line below, times its usual speed

}  // namespace

std::int64_t SoftSettings::pitch() const {
  if (gate.belt.mode == gate::BeltMode::kByCount) return counts_per_part;
  return std::llround(1e9 / parts_per_second);
}

Duration SoftSettings::count_time() const {
  return Duration(std::llround(1e9 / parts_per_second / static_cast<double>(counts_per_part)));
}

gate::GateSettings GateSettingsOf(gate::BeltMode mode, double parts_per_second) {
  gate::GateSettings settings;
  settings.capture_until = std::chrono::milliseconds(2);
  settings.belt.mode = mode;
  if (mode == gate::BeltMode::kByTime) {
    settings.belt.distance = 60 * kMs;
    settings.belt.lead = 2 * kMs;
    settings.belt.hold = 3 * kMs;
    settings.belt.spacing = 8 * kMs;
  } else if (mode == gate::BeltMode::kByCount) {
    settings.belt.distance = 6 * kCountsPerPart;
    settings.belt.lead = 6;
    settings.belt.hold = 8;
    settings.belt.spacing = 48;
    settings.belt.reverse_tolerance = 10;
    // Shorter than the way to the next part at three times the speed: should the deciding thread
    // sleep, hardware takes PASS off before that part is in the gate.
    const double count_time = 1e9 / parts_per_second / kCountsPerPart / kTopSpeed;
    settings.belt.longest_pass = Duration(std::llround(48 * count_time));
    settings.belt.position_age = Duration(std::llround(8 * count_time));
  }
  return settings;
}

Status CheckSoftSettings(const SoftSettings& settings) {
  if (Status sound = gate::CheckSettings(settings.gate); !sound) return sound;
  const gate::GateSettings& gate = settings.gate;
  const std::int64_t closest = gate.belt.mode == gate::BeltMode::kAtCamera
                                   ? (gate.window + gate.pass_hold).count()
                                   : gate.belt.spacing;
  const auto nearest =
      static_cast<std::int64_t>(static_cast<double>(settings.pitch()) *
                                (settings.spacing == SpacingLaw::kJittered ? 0.92 : 1.0));
  if (nearest < closest) {
    return Error{ErrorCode::kInvalid,
                 "parts come every " + std::to_string(nearest) + ", the gate takes " +
                     std::to_string(closest) +
                     " and more (nanoseconds, or counts); lower parts_per_second"};
  }
  return {};
}

}  // namespace taktgate::sim
