#ifndef TAKTGATE_SIM_SOFT_FRAME_H_
#define TAKTGATE_SIM_SOFT_FRAME_H_

#include <cstdint>

#include "base/clock.h"

namespace taktgate::sim {

// A frame of the soft camera: no pixels, but the truth about them.
struct SoftFrame {
  std::uint64_t sequence = 0;   // the camera's count
  std::uint64_t line_part = 0;  // that it shows; 0: none
  TimePoint captured_at{};      // the station's clock
  TimePoint arrived_at{};       // when it reaches the station
  bool partial = false;
  bool useless = false;  // a cap on the lens
  bool in_use = false;
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_SOFT_FRAME_H_
