#ifndef TAKTGATE_SIM_SOFT_SETTINGS_H_
#define TAKTGATE_SIM_SOFT_SETTINGS_H_

#include <cstdint>

#include "base/clock.h"
#include "base/result.h"
#include "gate/settings.h"

namespace taktgate::sim {

inline constexpr std::int64_t kMs = 1'000'000;  // of a place on a belt in nanoseconds

// How parts follow each other. `spacing` is the closest that the gate allows.
enum class SpacingLaw : std::uint8_t {
  kFixed,
  kJittered,  // 0.92 to 1.3 of the mean distance
  kBursts,    // five as close as allowed, then a pause
  kTouching,  // one in fifty follows at 0.1 to 0.9 of the spacing: two parts that are a double edge
};

// A simulated line: what is around the gate, and how well it works without faults. Times not
// named here are constants of the soft camera and the soft PLC.
struct SoftSettings {
  gate::GateSettings gate;
  std::uint64_t parts = 100'000;
  std::uint64_t seed = 1;
  double parts_per_second = 100;
  std::int64_t counts_per_part = 60;  // by count: from one part to the next
  SpacingLaw spacing = SpacingLaw::kFixed;
  double defect_share = 0.1;
  // The soft model: how long a run takes, and how often it is wrong.
  Duration model_takes = std::chrono::microseconds(1500);
  Duration model_jitter = std::chrono::microseconds(400);  // added: up to this much
  double false_reject = 0.002;                             // of the good ones
  double missed = 0.0005;                                  // of the defective ones
  double unknown = 0.005;
  // How long alarms wait for the operator.
  Duration operator_after = std::chrono::milliseconds(400);

  // Nanoseconds by time, encoder counts by count: from one part to the next.
  std::int64_t pitch() const;
  // Time of one encoder count at the line's speed.
  Duration count_time() const;
};

// Sound settings of the gate for a line of this mode and rate.
gate::GateSettings GateSettingsOf(gate::BeltMode mode, double parts_per_second);

// What must hold between the settings and the gate does not check: `invalid`.
Status CheckSoftSettings(const SoftSettings& settings);

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_SOFT_SETTINGS_H_
