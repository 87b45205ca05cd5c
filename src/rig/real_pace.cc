#include "rig/real_pace.h"

namespace taktgate::rig {

void KeepPace(line::Schedule& schedule, gate::GateSettings& gate) {
  gate.capture_until = std::chrono::milliseconds(5);
  const Duration period = schedule.period;
  if (gate.window + gate.pass_hold <= period) return;
  // At 200 parts a second: 4 ms, 0.4 ms, 3 ms, and a frame after 0.5 to 0.6 ms.
  gate.window = period * 4 / 5;
  gate.pass_hold = period * 2 / 25;
  gate.capture_until = period * 3 / 5;
  schedule.acquisition_delay = period / 10;
  schedule.acquisition_jitter = period / 50;
}

}  // namespace taktgate::rig
