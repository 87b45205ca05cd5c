#ifndef TAKTGATE_SIM_SOFT_BELT_H_
#define TAKTGATE_SIM_SOFT_BELT_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "boards/board.h"
#include "sim/soft_camera.h"
#include "sim/soft_door.h"
#include "sim/soft_plc.h"
#include "sim/soft_wires.h"
#include "sim/soft_world.h"

namespace taktgate::sim {

// The belt with its parts: how they come, what encoder, light barrier and sensors see, and what the
// ejector does. The barrier is wired to PLC, station and camera. Places are in the belt's unit:
// nanoseconds by time, encoder counts by count.
//
// Threads: one. Nothing is allocated per part.
class SoftBelt {
 public:
  SoftBelt(SoftWorld& world, const SoftWires& wires, SoftDoor& door, SoftPlc& plc,
           SoftCamera& camera);

  void Start();
  // The next count, or by time the next part at the barrier.
  TimePoint next_at() const { return std::min(tick_at_, arrives_at_); }
  void Move();

  // What happens to a part at its time.
  void Bounce(LinePart& part) { BreakBarrier(part, true); }
  void EnterGate(LinePart& part);
  void LeaveGate(LinePart& part);
  // Into the bin. False if it should have been seen there and was not.
  bool Fall(const LinePart& part);

  void PassDrops();
  // The next part and this many behind it are known to be bad, for a challenge.
  void PutInBadParts(std::uint64_t count);

  void FaultBegins(const Fault& fault, TimePoint until);
  void FaultEnds(const Fault& fault);
  void RunAgain() { tick_at_ = world_.now + CountTime(); }

  // By its number along the line.
  LinePart& PartOf(std::uint64_t number) { return parts_[number % kKept]; }
  const LinePart& PartOf(std::uint64_t number) const { return parts_[number % kKept]; }
  const LinePart& oldest() const { return PartOf(oldest_); }
  std::int64_t position() const { return position_; }
  // What the encoder has counted; wraps at 32 bit on its way to the station.
  std::int64_t encoder() const { return encoder_; }

 private:
  static constexpr std::size_t kKept = 1024;

  std::int64_t DrawGap();
  void MakePart();
  void MoveByOneCount();
  void MovePast(LinePart& part, int step);
  void Arrive(LinePart& part);
  void BreakBarrier(LinePart& part, bool bounce);
  void LeaveBelt(LinePart& part);
  Duration CountTime() const;

  SoftWorld& world_;
  const SoftWires& wires_;
  SoftDoor& door_;
  SoftPlc& plc_;
  SoftCamera& camera_;
  const std::int64_t gate_place_;   // behind the barrier
  const std::int64_t gate_length_;  // where the ejector would hit the part
  boards::BoardSettings boards_;

  std::vector<LinePart> parts_;
  std::uint64_t made_ = 0;                   // parts so far; the last one is before the barrier
  std::uint64_t oldest_ = 1;                 // on the belt
  TimePoint arrives_at_ = TimePoint::max();  // by time: the next part, at the barrier
  TimePoint tick_at_ = TimePoint::max();     // by count: the next count
  std::int64_t position_ = 0;
  std::int64_t encoder_ = 0;
  double speed_ = 1;
  std::int64_t back_left_ = 0;  // counts still to run back
  bool encoder_dead_ = false, encoder_backwards_ = false, barrier_stuck_ = false;
  std::uint32_t burst_ = 0;
  std::uint64_t known_bad_until_ = 0;  // challenge parts
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_SOFT_BELT_H_
