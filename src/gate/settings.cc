#include "gate/settings.h"

#include <string>

namespace taktgate::gate {
namespace {

Error Invalid(std::string message) { return {ErrorCode::kInvalid, std::move(message)}; }

std::string Nanos(Duration duration) { return std::to_string(duration.count()) + " ns"; }

Status CheckBelt(const GateSettings& settings) {
  const BeltSettings& belt = settings.belt;
  if (belt.lead <= 0 || belt.hold <= 0 || belt.distance <= belt.lead) {
    return Invalid("expected 0 < lead < distance and 0 < hold, came lead " +
                   std::to_string(belt.lead) + ", distance " + std::to_string(belt.distance) +
                   ", hold " + std::to_string(belt.hold));
  }
  if (belt.spacing < belt.lead + belt.hold) {
    return Invalid("spacing " + std::to_string(belt.spacing) +
                   " is under lead + hold = " + std::to_string(belt.lead + belt.hold) +
                   ": two parts would own the PASS line at once");
  }
  const auto in_flight = (belt.distance + belt.hold) / belt.spacing + 2;
  if (in_flight > static_cast<std::int64_t>(settings.parts_in_flight)) {
    return Invalid("(distance + hold) / spacing + 2 = " + std::to_string(in_flight) +
                   " parts may be in flight, the ring holds " +
                   std::to_string(settings.parts_in_flight));
  }
  if (belt.mode == BeltMode::kByCount) return {};
  const Duration lead_at(belt.distance - belt.lead);
  if (lead_at < settings.window) {
    return Invalid("PASS is due " + Nanos(lead_at) +
                   " behind the edge (distance - lead), before the deadline of " +
                   Nanos(settings.window));
  }
  if (Duration(belt.spacing) <= settings.capture_until - settings.capture_from) {
    return Invalid("spacing " + std::to_string(belt.spacing) +
                   " ns is not above the capture interval of " +
                   Nanos(settings.capture_until - settings.capture_from) +
                   ": a frame could belong to two parts");
  }
  return {};
}

}  // namespace

Status CheckSettings(const GateSettings& settings) {
  if (settings.window <= Duration(0) || settings.capture_from >= settings.capture_until ||
      settings.capture_until > settings.window) {
    return Invalid("expected capture_from < capture_until <= window, came " +
                   Nanos(settings.capture_from) + ", " + Nanos(settings.capture_until) + ", " +
                   Nanos(settings.window));
  }
  if (settings.inference_reserve >= settings.window) {
    return Invalid("the reserve of " + Nanos(settings.inference_reserve) +
                   " is not under the window of " + Nanos(settings.window) +
                   ": no part could ever be admitted");
  }
  if (settings.parts_in_flight < 2) return Invalid("the ring must hold at least 2 parts");
  if (settings.escalation.rate_window > 256) {
    return Invalid("rate_window is at most 256 parts, came " +
                   std::to_string(settings.escalation.rate_window));
  }
  if (settings.belt.mode != BeltMode::kAtCamera) return CheckBelt(settings);
  if (settings.gate_sensor) return Invalid("a gate sensor needs a gate behind the camera");
  return {};
}

}  // namespace taktgate::gate
