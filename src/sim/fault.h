#ifndef TAKTGATE_SIM_FAULT_H_
#define TAKTGATE_SIM_FAULT_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace taktgate::sim {

// Everything that can go wrong on a soft line (docs/linesim.md has a line on each).
enum class FaultKind : std::uint8_t {
  // Of single parts: light barrier
  kBounce,
  kMissingEdge,
  // camera
  kTriggerIgnored,
  kTriggersCoalesced,
  kFrameLost,
  kFramePartial,
  kFrameLate,
  kFrameDoubled,
  kFrameRepeated,
  kFrameStale,
  kLensCap,
  // model
  kModelTakes,
  kModelFactor,
  kModelRamp,
  kModelHangs,
  kModelNan,
  kModelThrows,
  // belt, bin and PLC
  kPartRemoved,
  kPlcNumberMissing,
  kPlcNumberTwice,
  kPlcNumberLate,
  kBinMisses,
  kOutputSlow,
  kChallenge,
  // Of a time
  kCameraStalls,
  kBarrierStuck,
  kBeltStops,
  kBeltReverses,
  kBeltSpeed,
  kEncoderDead,
  kEncoderBackwards,
  kGateStarved,
  kSignalsStarved,  // counts, sensors and PLC are reported late, in a burst
  kCountsAhead,     // counts are stamped with a future time
  kSuspended,       // the unit sleeps: its clock stands still, and it hears nothing
  kClockStands,
  kPlcBeatHigh,
  kPlcBeatLow,
  kPlcBeatSlow,
  kStationKilled,
  kStationStops,
  kReleaseChange,
  kReleaseSwap,  // at once, whatever is in flight; the station goes on
  // Of the whole run
  kCountersNearWrap,
};

// Which keys of a fault script a kind takes.
enum FaultKey : unsigned {
  kTakesParts = 1,    // parts, every, probability
  kTakesMoment = 2,   // at, again
  kTakesLasts = 4,    // for; without it: until the end
  kNeedsLasts = 8,    // for is needed
  kNeedsTime = 16,    // time
  kNeedsCount = 32,   // count
  kNeedsFactor = 64,  // factor
  // What the line must have.
  kByCountOnly = 128,
  kBehindCamera = 256,
  kPlcNumbers = 512,
  kPlcBeats = 1024,
  kBinSensor = 2048,
};

struct FaultKindInfo {
  FaultKind kind;
  std::string_view name;  // in fault scripts
  unsigned keys;
};
const FaultKindInfo& InfoOf(FaultKind kind);
const FaultKindInfo* FindFaultKind(std::string_view name);
// All names, for messages.
std::string_view FaultKindNames();

// One fault: what, where and how much.
struct Fault {
  FaultKind kind = FaultKind::kBounce;
  // Place among the parts, counted from 1 as they come along the line.
  std::uint64_t first_part = 1;
  std::uint64_t last_part = UINT64_MAX;
  std::uint64_t every = 1;
  double probability = 1;
  // Place in time, from the start of the line.
  Duration at{};
  Duration again{};  // repeated after this time; zero: once
  Duration lasts = Duration::max();
  Duration time{};
  std::uint64_t count = 0;
  double factor = 1;

  // `chance` is uniform in [0, 1), one for each part and fault.
  bool Hits(std::uint64_t part, double chance) const {
    return part >= first_part && part <= last_part && (part - first_part) % every == 0 &&
           chance < probability;
  }
};

// What goes wrong with one part.
struct Upsets {
  std::uint32_t bounces = 0;
  Duration bounce_over{};
  bool missing_edge = false;
  bool trigger_ignored = false;
  bool triggers_coalesced = false;
  bool frame_lost = false;
  bool frame_partial = false;
  Duration frame_late{};
  bool frame_doubled = false;
  bool frame_repeated = false;
  bool frame_stale = false;
  bool lens_cap = false;
  Duration model_takes{};  // zero: as usual
  double model_factor = 1;
  bool model_hangs = false;
  bool model_error = false;
  bool removed = false;
  bool number_missing = false;
  bool number_twice = false;
  Duration number_late{};
  bool bin_misses = false;
  Duration output_slow{};
  std::uint32_t challenge = 0;  // a challenge of this many parts starts with this one

  void Add(const Fault& fault, std::uint64_t part);
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_FAULT_H_
