#include "sim/fault.h"

#include <algorithm>
#include <string>

namespace taktgate::sim {
namespace {

constexpr FaultKindInfo kKinds[] = {
    {FaultKind::kBounce, "bounce", kTakesParts | kNeedsCount | kNeedsTime},
    {FaultKind::kMissingEdge, "missing_edge", kTakesParts},
    {FaultKind::kTriggerIgnored, "trigger_ignored", kTakesParts},
    {FaultKind::kTriggersCoalesced, "triggers_coalesced", kTakesParts},
    {FaultKind::kFrameLost, "frame_lost", kTakesParts},
    {FaultKind::kFramePartial, "frame_partial", kTakesParts},
    {FaultKind::kFrameLate, "frame_late", kTakesParts | kNeedsTime},
    {FaultKind::kFrameDoubled, "frame_doubled", kTakesParts},
    {FaultKind::kFrameRepeated, "frame_repeated", kTakesParts},
    {FaultKind::kFrameStale, "frame_stale", kTakesParts},
    {FaultKind::kLensCap, "lens_cap", kTakesParts},
    {FaultKind::kModelTakes, "model_takes", kTakesParts | kNeedsTime},
    {FaultKind::kModelFactor, "model_factor", kTakesParts | kNeedsFactor},
    {FaultKind::kModelRamp, "model_ramp", kTakesParts | kNeedsFactor},
    {FaultKind::kModelHangs, "model_hangs", kTakesParts},
    {FaultKind::kModelNan, "model_nan", kTakesParts},
    {FaultKind::kModelThrows, "model_throws", kTakesParts},
    {FaultKind::kPartRemoved, "part_removed", kTakesParts | kBehindCamera},
    {FaultKind::kPlcNumberMissing, "plc_number_missing", kTakesParts | kPlcNumbers},
    {FaultKind::kPlcNumberTwice, "plc_number_twice", kTakesParts | kPlcNumbers},
    {FaultKind::kPlcNumberLate, "plc_number_late", kTakesParts | kNeedsTime | kPlcNumbers},
    {FaultKind::kBinMisses, "bin_misses", kTakesParts | kBinSensor},
    {FaultKind::kOutputSlow, "output_slow", kTakesParts | kNeedsTime},
    {FaultKind::kChallenge, "challenge", kTakesParts | kNeedsCount},
    {FaultKind::kCameraStalls, "camera_stalls", kTakesMoment | kTakesLasts},
    {FaultKind::kBarrierStuck, "barrier_stuck", kTakesMoment | kTakesLasts},
    {FaultKind::kBeltStops, "belt_stops", kTakesMoment | kNeedsLasts | kByCountOnly},
    {FaultKind::kBeltReverses, "belt_reverses", kTakesMoment | kNeedsCount | kByCountOnly},
    {FaultKind::kBeltSpeed, "belt_speed", kTakesMoment | kTakesLasts | kNeedsFactor | kByCountOnly},
    {FaultKind::kEncoderDead, "encoder_dead", kTakesMoment | kTakesLasts | kByCountOnly},
    {FaultKind::kEncoderBackwards, "encoder_backwards", kTakesMoment | kTakesLasts | kByCountOnly},
    {FaultKind::kGateStarved, "gate_starved", kTakesMoment | kNeedsLasts},
    {FaultKind::kSignalsStarved, "signals_starved", kTakesMoment | kNeedsLasts | kBehindCamera},
    {FaultKind::kCountsAhead, "counts_ahead",
     kTakesMoment | kTakesLasts | kNeedsTime | kByCountOnly},
    {FaultKind::kSuspended, "suspended", kTakesMoment | kNeedsLasts},
    {FaultKind::kClockStands, "clock_stands", kTakesMoment | kNeedsLasts},
    {FaultKind::kPlcBeatHigh, "plc_beat_high", kTakesMoment | kTakesLasts | kPlcBeats},
    {FaultKind::kPlcBeatLow, "plc_beat_low", kTakesMoment | kTakesLasts | kPlcBeats},
    {FaultKind::kPlcBeatSlow, "plc_beat_slow", kTakesMoment | kTakesLasts | kNeedsTime | kPlcBeats},
    {FaultKind::kStationKilled, "station_killed", kTakesMoment | kNeedsLasts},
    {FaultKind::kStationStops, "station_stops", kTakesMoment | kNeedsLasts},
    {FaultKind::kReleaseChange, "release_change", kTakesMoment | kNeedsLasts},
    {FaultKind::kReleaseSwap, "release_swap", kTakesMoment},
    {FaultKind::kCountersNearWrap, "counters_near_wrap", kNeedsCount},
};

}  // namespace

const FaultKindInfo& InfoOf(FaultKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

const FaultKindInfo* FindFaultKind(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                         [&](const auto& info) { return info.name == name; });
  return found == std::end(kKinds) ? nullptr : found;
}

std::string_view FaultKindNames() {
  static const std::string names = [] {
    std::string all;
    for (const FaultKindInfo& info : kKinds) {
      all += (all.empty() ? "" : ", ") + std::string(info.name);
    }
    return all;
  }();
  return names;
}

void Upsets::Add(const Fault& fault, std::uint64_t part) {
  switch (fault.kind) {
    case FaultKind::kBounce:
      bounces = static_cast<std::uint32_t>(fault.count);
      bounce_over = fault.time;
      break;
    case FaultKind::kMissingEdge:
      missing_edge = true;
      break;
    case FaultKind::kTriggerIgnored:
      trigger_ignored = true;
      break;
    case FaultKind::kTriggersCoalesced:
      triggers_coalesced = true;
      break;
    case FaultKind::kFrameLost:
      frame_lost = true;
      break;
    case FaultKind::kFramePartial:
      frame_partial = true;
      break;
    case FaultKind::kFrameLate:
      frame_late = fault.time;
      break;
    case FaultKind::kFrameDoubled:
      frame_doubled = true;
      break;
    case FaultKind::kFrameRepeated:
      frame_repeated = true;
      break;
    case FaultKind::kFrameStale:
      frame_stale = true;
      break;
    case FaultKind::kLensCap:
      lens_cap = true;
      break;
    case FaultKind::kModelTakes:
      model_takes = fault.time;
      break;
    case FaultKind::kModelFactor:
      model_factor = fault.factor;
      break;
    case FaultKind::kModelRamp: {
      // From 1 at the first part to `factor` a thousand parts on.
      const double way = std::min(1.0, static_cast<double>(part - fault.first_part) / 1000);
      model_factor = 1 + (fault.factor - 1) * way;
      break;
    }
    case FaultKind::kModelHangs:
      model_hangs = true;
      break;
    case FaultKind::kModelNan:
    case FaultKind::kModelThrows:
      model_error = true;
      break;
    case FaultKind::kPartRemoved:
      removed = true;
      break;
    case FaultKind::kPlcNumberMissing:
      number_missing = true;
      break;
    case FaultKind::kPlcNumberTwice:
      number_twice = true;
      break;
    case FaultKind::kPlcNumberLate:
      number_late = fault.time;
      break;
    case FaultKind::kBinMisses:
      bin_misses = true;
      break;
    case FaultKind::kOutputSlow:
      output_slow = fault.time;
      break;
    case FaultKind::kChallenge:
      challenge = static_cast<std::uint32_t>(fault.count);
      break;
    default:
      break;  // faults of a time do not belong to a part
  }
}

}  // namespace taktgate::sim
