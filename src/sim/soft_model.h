#ifndef TAKTGATE_SIM_SOFT_MODEL_H_
#define TAKTGATE_SIM_SOFT_MODEL_H_

#include <cstdint>

#include "gate/decision.h"
#include "sim/soft_belt.h"
#include "sim/soft_camera.h"
#include "sim/soft_door.h"
#include "sim/soft_world.h"

namespace taktgate::sim {

// The inference thread and its model: one run at a time, which may be wrong, slow, or hang. It
// knows the truth about a part from the belt.
//
// Threads: one.
class SoftModel {
 public:
  SoftModel(SoftWorld& world, const SoftBelt& belt, const SoftCamera& camera, SoftDoor& door)
      : world_(world), belt_(belt), camera_(camera), door_(door) {}

  void Start(gate::PartId part, std::uint32_t slot);
  // It is told to end the run early.
  void Terminate(gate::PartId part);
  // The run of this number ends, if it is still the one in progress.
  void RunEnds(std::uint64_t number);
  // With the station.
  void Die();

  bool busy() const { return busy_; }
  // The last run never ends.
  bool hangs() const { return hangs_; }
  bool uses(std::uint32_t slot) const { return busy_ && slot_ == slot; }

 private:
  SoftMessage AnswerAbout(const LinePart& part, bool useless_frame);
  Duration DrawLength(const Upsets& upsets);
  void EndsAt(TimePoint at);

  SoftWorld& world_;
  const SoftBelt& belt_;
  const SoftCamera& camera_;
  SoftDoor& door_;
  // The run in progress.
  bool busy_ = false;
  gate::PartId part_;
  std::uint32_t slot_ = 0;
  std::uint64_t number_ = 0;  // counts runs; another one if it ends at another time
  TimePoint ends_at_{};
  bool hangs_ = false, stopped_ = false, error_ = false;
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_SOFT_MODEL_H_
