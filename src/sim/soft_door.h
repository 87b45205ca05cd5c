#ifndef TAKTGATE_SIM_SOFT_DOOR_H_
#define TAKTGATE_SIM_SOFT_DOOR_H_

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/spsc_ring.h"
#include "gate/events.h"
#include "sim/soft_message.h"
#include "sim/soft_world.h"

namespace taktgate::sim {

// What waits for a station, and when its deciding thread wakes for it. Everything on the line
// speaks to the station through this door, and knows nothing else of it.
//
// Threads: one. Nothing is allocated after construction.
class SoftDoor {
 public:
  // The truth about an edge.
  struct Edge {
    TimePoint stamp{};
    std::int64_t encoder = 0;
    std::uint64_t line_part = 0;  // 0: a bounce
  };

  explicit SoftDoor(SoftWorld& world) : world_(world) {}

  // A station is there.
  void Open();
  // It is gone, and with it all that waits.
  void Close();
  bool open() const { return open_; }

  // The light barrier; the answer is the edge's number since the station's start.
  std::uint64_t TellEdge(std::int64_t encoder, std::uint64_t line_part);
  void TellFrame(const gate::FrameSeen& frame);
  // As in the station: counts give way to everything else. Nothing happens while nobody is there.
  void Send(SoftMessage message);

  // The next event of each source, as gate::Door has it. Orders of people are messages until people
  // say what they mean.
  bool NextEdge(gate::event::Input& input);
  bool NextSignal(gate::event::Input& input);
  bool NextFrame(gate::event::Input& input);
  bool NextAnswer(gate::event::Input& input);
  std::optional<SoftMessage> NextOfPeople() { return people_.Pop(); }
  // The truth about the last edge and the last signal that were taken.
  const Edge& edge() const { return edge_; }
  const SoftMessage& signal() const { return signal_; }

  // The deciding thread wakes a little after what it waits for.
  void Wake() {
    if (open_) WakeFor(world_.now);
  }
  void WakeFor(TimePoint due) {
    const Duration delay = std::chrono::microseconds(world_.random.Whole(2, 40));
    wake_at_ = std::min(wake_at_, std::max({due, world_.now, awake_from_}) + delay);
  }
  void Woken() { wake_at_ = TimePoint::max(); }
  TimePoint wake_at() const { return wake_at_; }
  // No thread of the station decides before this.
  void Starve(TimePoint until);
  // A thread of the station does not run.
  bool stands_still() const { return world_.now < std::max(awake_from_, held_until_); }

  void FaultBegins(const Fault& fault, TimePoint until);
  void FaultEnds(const Fault& fault);

 private:
  void SendSignal(SoftMessage& signal);
  void HandOverHeld();

  SoftWorld& world_;
  bool open_ = false;
  std::uint64_t edges_told_ = 0;
  DroppingSpscRing<Edge> edges_{4096};
  DroppingSpscRing<gate::FrameSeen> frames_{64};
  DroppingSpscRing<SoftMessage> signals_{8192}, answers_{8}, people_{64};
  DroppingSpscRing<SoftMessage> held_{8192};  // by a signal thread that stalls
  TimePoint held_until_{};
  Duration counts_ahead_{};
  Edge edge_;
  SoftMessage signal_;
  TimePoint wake_at_ = TimePoint::max();
  TimePoint awake_from_{};
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_SOFT_DOOR_H_
