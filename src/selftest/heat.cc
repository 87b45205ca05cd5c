// Temperature, and what the machine has done about it.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "selftest/machine.h"
#include "selftest/system_files.h"

namespace taktgate::selftest {
namespace {

using std::filesystem::path;

constexpr std::int64_t kNear = 10'000;     // thousandths of a degree below a trip
constexpr std::int64_t kAssumed = 85'000;  // where a zone does not say at what it throttles

// The lowest temperature at which the kernel slows something down or switches it off.
std::int64_t TripOf(const path& zone) {
  std::int64_t lowest = 0;
  for (int trip = 0; trip < 16; ++trip) {
    const std::string stem = "trip_point_" + std::to_string(trip);
    const auto kind = ReadSmallFile(zone / (stem + "_type"));
    const auto at = ReadNumber(zone / (stem + "_temp"));
    if (!kind || !at || *at <= 0 || *kind == "active") continue;  // active: a fan
    lowest = lowest == 0 ? *at : std::min(lowest, *at);
  }
  return lowest == 0 ? kAssumed : lowest;
}

std::string Degrees(std::int64_t thousandths) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f C", static_cast<double>(thousandths) / 1000.0);
  return text;
}

Point Temperature(const path& root) {
  std::int64_t least_left = INT64_MAX;
  std::string found;
  for (const path& zone : NumberedEntries(root / "sys/class/thermal", "thermal_zone")) {
    const auto now = ReadNumber(zone / "temp");
    if (!now) continue;
    const std::int64_t trip = TripOf(zone);
    if (trip - *now >= least_left) continue;
    least_left = trip - *now;
    found = ReadSmallFile(zone / "type").value_or(zone.filename().string()) + " " + Degrees(*now) +
            ", slowed down from " + Degrees(trip);
  }
  if (found.empty()) {
    return {"temperature", Standing::kNotApplicable, "no thermal zone is shown", ""};
  }
  if (least_left <= 0) {
    return {"temperature", Standing::kFail, found, "cool the board: a fan, a heat sink, shade"};
  }
  if (least_left <= kNear) {
    return {"temperature", Standing::kWarn, found, "cool the board before it slows down"};
  }
  return {"temperature", Standing::kOk, found, ""};
}

// The word of a Raspberry Pi's firmware: bits 0 to 3 are now, 16 to 19 were since boot.
Point FirmwareThrottling(std::string_view word) {
  const auto bits = std::strtoul(std::string(word).c_str(), nullptr, 16);
  const std::string found = "firmware says 0x" + std::string(word);
  if ((bits & 0xFU) != 0) {
    return {"slowed down", Standing::kFail, found + ": now",
            (bits & 1U) != 0 ? "the supply is too weak: use one of the board's full current"
                             : "cool the board: a fan, a heat sink, shade"};
  }
  if ((bits & 0xF0000U) != 0) {
    return {"slowed down", Standing::kWarn, found + ": not now, but since boot",
            "look at supply and cooling, then boot again"};
  }
  return {"slowed down", Standing::kOk, found + ": never since boot", ""};
}

Point SlowedDown(const path& root) {
  if (const auto word =
          ReadSmallFile(root / "sys/devices/platform/soc/soc:firmware/get_throttled")) {
    return FirmwareThrottling(*word);
  }
  std::int64_t most = -1;
  for (const path& cpu : NumberedEntries(root / "sys/devices/system/cpu", "cpu")) {
    most = std::max(most, ReadNumber(cpu / "thermal_throttle/core_throttle_count").value_or(-1));
  }
  if (most < 0) return {"slowed down", Standing::kNotApplicable, "the machine does not say", ""};
  if (most == 0) return {"slowed down", Standing::kOk, "never since boot", ""};
  return {"slowed down", Standing::kWarn, std::to_string(most) + " times since boot, by heat",
          "look at the cooling, then boot again"};
}

}  // namespace

std::vector<Point> LookAtHeat(const path& root) { return {Temperature(root), SlowedDown(root)}; }

}  // namespace taktgate::selftest
