#ifndef TAKTGATE_SIM_SOFT_CAMERA_H_
#define TAKTGATE_SIM_SOFT_CAMERA_H_

#include <array>
#include <cstdint>

#include "sim/soft_door.h"
#include "sim/soft_frame.h"
#include "sim/soft_world.h"

namespace taktgate::sim {

// The camera and its buffers: one frame per trigger, unless something goes wrong.
//
// Threads: one.
class SoftCamera {
 public:
  SoftCamera(SoftWorld& world, SoftDoor& door) : world_(world), door_(door) {}

  // With the station: it counts from the start, and all its buffers are free.
  void Start();
  void Stop();

  void Trigger(const LinePart& part);
  void Capture(const LinePart& part);
  void Arrive(std::uint32_t slot, std::uint64_t boot);

  const SoftFrame& frame(std::uint32_t slot) const { return frames_[slot]; }
  void Release(std::uint32_t slot);
  static constexpr std::uint32_t slots() { return kSlots; }

  void FaultBegins(const Fault& fault);
  void FaultEnds(const Fault& fault);

 private:
  static constexpr std::uint32_t kSlots = 32;

  void Deliver(const SoftFrame& frame, Duration delay);

  SoftWorld& world_;
  SoftDoor& door_;
  std::array<SoftFrame, kSlots> frames_{};
  std::uint32_t next_slot_ = 0;
  std::uint64_t count_ = 0;
  TimePoint ready_at_{};
  bool runs_ = false, stalls_ = false;
  SoftFrame last_frame_;
  bool trigger_held_ = false;  // a trigger that waits for the next one
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_SOFT_CAMERA_H_
