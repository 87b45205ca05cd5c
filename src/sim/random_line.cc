#include "sim/random_line.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace taktgate::sim {
namespace {

using gate::BeltMode;
using std::chrono::microseconds;
using std::chrono::milliseconds;

Duration Nanoseconds(double value) { return Duration(std::llround(value)); }

// Most values short, some very long.
Duration DrawLength(Random& random, double from_ms, double to_ms) {
  return Nanoseconds(1e6 * from_ms * std::pow(to_ms / from_ms, random.Unit()));
}

void DrawTimes(Random& random, SoftSettings& line) {
  gate::BeltSettings& belt = line.gate.belt;
  const double pitch = 1e9 / line.parts_per_second;
  belt.lead = std::llround(random.Between(0.3, 4) * kMs);
  belt.hold = std::llround(random.Between(0.3, 5) * kMs);
  const auto least = static_cast<double>(std::max(belt.lead + belt.hold, 3 * kMs));
  belt.spacing = std::llround(random.Between(least, std::max(least, 0.9 * pitch)));
  belt.distance = line.gate.window.count() + belt.lead + std::llround(random.Between(0, 300) * kMs);
}

// A belt that is never faster than `top` times its usual speed.
void DrawCounts(Random& random, SoftSettings& line, double top) {
  gate::BeltSettings& belt = line.gate.belt;
  line.counts_per_part = random.Whole(16, 64);
  const auto pitch = static_cast<double>(line.counts_per_part);
  const double count_time = 1e9 / line.parts_per_second / pitch / top;  // at top speed
  belt.spacing = std::llround(pitch * random.Between(0.5, 0.9));
  // At its usual speed the belt takes a part through the gate before the longest PASS ends.
  const int place = static_cast<int>(static_cast<double>(belt.spacing) / top);
  belt.lead = random.Whole(2, std::max(2, place / 2));
  belt.hold = std::max(2, random.Whole(2, std::max(2, place - static_cast<int>(belt.lead))) - 1);
  const double window = static_cast<double>(line.gate.window.count()) / count_time;
  belt.distance = belt.lead + std::llround(window + random.Between(1, 6 * pitch));
  belt.reverse_tolerance = random.Whole(2, 20);
  belt.longest_pass = Nanoseconds(static_cast<double>(belt.spacing) * count_time);
  belt.position_age =
      Nanoseconds(static_cast<double>(belt.hold) * count_time * random.Between(0.4, 1));
}

// How much faster than usual the belt can run.
double TopSpeedOf(std::uint64_t seed) { return Random::Of(seed, 0x746f70).Between(1.15, 3); }

// Speeds: parts per second.
constexpr double kSlowest = 8;
constexpr double kFastest = 80;
constexpr double kFastestReal = 20;

SoftSettings Draw(std::uint64_t seed, std::uint64_t parts, double fastest) {
  Random random = Random::Of(seed, 0x67656f6d);
  SoftSettings line;
  line.seed = seed;
  line.parts = parts;
  line.parts_per_second = std::exp(random.Between(std::log(kSlowest), std::log(fastest)));
  const int mode = random.Whole(0, 4);
  line.gate.capture_until = milliseconds(2);
  line.gate.belt.mode = mode == 0   ? BeltMode::kAtCamera
                        : mode <= 2 ? BeltMode::kByTime
                                    : BeltMode::kByCount;
  const bool behind = line.gate.belt.mode != BeltMode::kAtCamera;
  const double top = TopSpeedOf(seed);
  if (line.gate.belt.mode == BeltMode::kByTime) DrawTimes(random, line);
  if (line.gate.belt.mode == BeltMode::kByCount) DrawCounts(random, line, top);
  line.gate.gate_sensor = behind && random.Whole(0, 2) == 0;
  if (random.Whole(0, 3) == 0) line.gate.bin_within = milliseconds(200);
  line.gate.plc_names_parts = random.Whole(0, 4) == 0;
  if (random.Whole(0, 4) == 0) line.gate.plc_beat_within = milliseconds(1500);
  const gate::BeltSettings& belt = line.gate.belt;
  if (behind) {
    const bool by_time = belt.mode == BeltMode::kByTime;
    const std::int64_t fall = by_time ? line.gate.bin_within.count() : 0;
    line.gate.parts_in_flight =
        static_cast<std::size_t>((belt.distance + belt.hold + fall) / belt.spacing) + 24;
  } else {
    line.gate.parts_in_flight = 48;
  }
  line.spacing = static_cast<SpacingLaw>(random.Whole(0, 3));
  if (!CheckSoftSettings(line)) line.spacing = SpacingLaw::kFixed;
  return line;
}

}  // namespace

SoftSettings DrawLine(std::uint64_t seed, std::uint64_t parts) {
  return Draw(seed, parts, kFastest);
}

SoftSettings DrawRealLine(std::uint64_t seed, std::uint64_t parts) {
  SoftSettings line = Draw(seed, parts, kFastestReal);
  line.spacing = SpacingLaw::kFixed;
  line.gate.bin_within = {};
  if (line.gate.belt.mode == BeltMode::kAtCamera) return line;
  // Real threads are less exact than simulated ones.
  gate::BeltSettings& belt = line.gate.belt;
  const std::int64_t least =
      line.gate.belt.mode == BeltMode::kByTime ? 3 * kMs : 3 * kMs / line.count_time().count() + 1;
  belt.lead = std::max(belt.lead, least);
  belt.hold = std::max(belt.hold, least);
  belt.distance += belt.lead;
  belt.spacing = std::max(belt.spacing, belt.lead + belt.hold);
  return line;
}

std::vector<Fault> DrawStalls(std::uint64_t seed, const SoftSettings& line) {
  Random random = Random::Of(seed, 0x7374616c);
  const bool by_count = line.gate.belt.mode == BeltMode::kByCount;
  const double length_ms = 1e3 * static_cast<double>(line.parts) / line.parts_per_second;
  std::vector<Fault> stalls;
  Random of_swaps = Random::Of(seed, 0x73776170);
  // A PASS that a swap cuts short leaves open who falls, and for how many falls nobody can say.
  if (of_swaps.Whole(0, 1) == 0 && line.gate.bin_within == Duration(0)) {
    Fault& swap = stalls.emplace_back();
    swap.kind = FaultKind::kReleaseSwap;
    swap.at = DrawLength(of_swaps, 700, 2000);
    swap.again = DrawLength(of_swaps, 20, 2000);
  }
  const auto again = [&](FaultKind kind, Duration lasts) -> Fault& {
    Fault& fault = stalls.emplace_back();
    fault.kind = kind;
    fault.at = Nanoseconds(1e6 * random.Between(700, 2000));
    fault.lasts = lasts;
    fault.again = lasts + Nanoseconds(1e6 * length_ms * random.Between(0.02, 0.2));
    return fault;
  };
  again(FaultKind::kGateStarved, DrawLength(random, 0.1, 3000));
  again(FaultKind::kGateStarved, DrawLength(random, 0.1, 100));
  if (random.Whole(0, 2) == 0) again(FaultKind::kSuspended, DrawLength(random, 2, 3000));
  if (!by_count) {
    // In the middle of a step, after the clock was read and before the wire is set. By count that
    // may eject a part whose PASS reached the wire in its place, but after the part.
    Fault& slow = stalls.emplace_back();
    slow.kind = FaultKind::kOutputSlow;
    slow.probability = 0.02;
    slow.time = DrawLength(random, 0.1, 50);
    return stalls;
  }
  if (random.Whole(0, 1) == 0) again(FaultKind::kSignalsStarved, DrawLength(random, 0.1, 1000));
  if (random.Whole(0, 3) == 0) again(FaultKind::kBeltStops, DrawLength(random, 1, 1000));
  if (random.Whole(0, 2) == 0) {
    again(FaultKind::kBeltSpeed, DrawLength(random, 10, 1000)).factor =
        random.Between(0.3, TopSpeedOf(seed));
  }
  if (random.Whole(0, 5) == 0) {
    again(FaultKind::kCountsAhead, DrawLength(random, 10, 1000)).time =
        microseconds(random.Whole(1, 100));
  }
  return stalls;
}

}  // namespace taktgate::sim
