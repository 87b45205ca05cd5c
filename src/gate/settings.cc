#include "gate/settings.h"

#include <algorithm>
#include <cstdio>
#include <string>

namespace taktgate::gate {
namespace {

std::string InWords(Duration duration) {
  char text[32];
  std::snprintf(text, sizeof text, "%g ms", static_cast<double>(duration.count()) / 1e6);
  return text;
}

Status CheckBelt(const GateSettings& settings) {
  const BeltSettings& belt = settings.belt;
  const auto length = [&belt](std::int64_t value) {
    return belt.mode == BeltMode::kByTime ? InWords(Duration(value))
                                          : std::to_string(value) + " counts";
  };
  if (belt.lead <= 0 || belt.hold <= 0 || belt.distance <= belt.lead) {
    return Invalid("expected 0 < lead < distance and 0 < hold, got lead " + length(belt.lead) +
                   ", distance " + length(belt.distance) + ", hold " + length(belt.hold));
  }
  if (belt.spacing < belt.lead + belt.hold) {
    return Invalid("spacing " + length(belt.spacing) + " is under lead + hold = " +
                   length(belt.lead) + " + " + length(belt.hold) + " = " +
                   length(belt.lead + belt.hold) + ": two parts would own the PASS line at once");
  }
  // By count only the station file knows how far the belt moves while the bin is awaited.
  const bool bin = belt.mode == BeltMode::kByTime && settings.bin_within > Duration(0);
  const std::int64_t fall = bin ? settings.bin_within.count() : 0;
  const auto in_flight = (belt.distance + belt.hold + fall) / belt.spacing + 2;
  if (in_flight > static_cast<std::int64_t>(settings.parts_in_flight)) {
    return Invalid(std::string("(distance + hold") + (bin ? " + bin_within" : "") +
                   ") / spacing + 2 = (" + length(belt.distance) + " + " + length(belt.hold) +
                   (bin ? " + " + length(fall) : "") + ") / " + length(belt.spacing) + " + 2 = " +
                   std::to_string(in_flight) + " parts may be in flight, but parts_in_flight is " +
                   std::to_string(settings.parts_in_flight) + "; raise it to " +
                   std::to_string(in_flight) + " or more");
  }
  if (belt.mode == BeltMode::kByCount && belt.position_age <= Duration(0)) {
    return Invalid("position_age is " + InWords(belt.position_age) +
                   ": no count would ever be fresh enough to energise PASS; expected at most "
                   "hold / top speed");
  }
  if (belt.mode == BeltMode::kByCount && belt.position_age > belt.longest_pass) {
    return Invalid("position_age " + InWords(belt.position_age) + " is above longest_pass " +
                   InWords(belt.longest_pass) + ": PASS could end before it is energised");
  }
  if (belt.mode == BeltMode::kByCount) return {};
  const Duration lead_at(belt.distance - belt.lead);
  if (lead_at < settings.window) {
    return Invalid("PASS is due " + InWords(lead_at) + " after the edge (distance - lead = " +
                   length(belt.distance) + " - " + length(belt.lead) +
                   "), before the answer is due at " + InWords(settings.window));
  }
  if (Duration(belt.spacing) <= settings.capture_until - settings.capture_from) {
    return Invalid("spacing " + length(belt.spacing) + " is not above the capture interval of " +
                   InWords(settings.capture_until - settings.capture_from) +
                   ": a frame could belong to two parts");
  }
  return {};
}

// A part stays in the ring until the bin sensor has answered, or its time is over.
Status CheckBinAtCamera(const GateSettings& settings) {
  const Duration part = settings.window + settings.pass_hold;
  const auto in_flight = (part + settings.bin_within) / part + 2;
  if (settings.bin_within == Duration(0) ||
      in_flight <= static_cast<std::int64_t>(settings.parts_in_flight)) {
    return {};
  }
  return Invalid("(window + pass_hold + bin_within) / (window + pass_hold) + 2 = " +
                 std::to_string(in_flight) +
                 " parts may be in flight until the bin sensor has answered, with bin_within " +
                 InWords(settings.bin_within) + ", but parts_in_flight is " +
                 std::to_string(settings.parts_in_flight) + "; raise it to " +
                 std::to_string(in_flight) + " or more, or shorten bin_within");
}

}  // namespace

Status CheckSettings(const GateSettings& settings) {
  if (settings.window <= Duration(0) || settings.capture_from >= settings.capture_until ||
      settings.capture_until > settings.window) {
    return Invalid("expected capture_from < capture_until <= window, got " +
                   InWords(settings.capture_from) + ", " + InWords(settings.capture_until) + ", " +
                   InWords(settings.window));
  }
  if (settings.inference_reserve >= settings.window) {
    return Invalid("the reserve of " + InWords(settings.inference_reserve) +
                   " is not under the window of " + InWords(settings.window) +
                   ": no part could ever be admitted");
  }
  if (settings.parts_in_flight < 2) return Invalid("the ring must hold at least 2 parts");
  if (settings.escalation.rate_window > 256) {
    return Invalid("rate_window is at most 256 parts, got " +
                   std::to_string(settings.escalation.rate_window));
  }
  const EscalationSettings& alarms = settings.escalation;
  if (std::max(alarms.rate_amber, alarms.rate_stop) > alarms.rate_window) {
    return Invalid("rate " + std::to_string(std::max(alarms.rate_amber, alarms.rate_stop)) +
                   " is above rate_window " + std::to_string(alarms.rate_window) +
                   ": so many rejects cannot be among so few parts");
  }
  if (settings.belt.mode != BeltMode::kAtCamera) return CheckBelt(settings);
  if (settings.gate_sensor) return Invalid("a gate sensor needs a gate behind the camera");
  return CheckBinAtCamera(settings);
}

}  // namespace taktgate::gate
