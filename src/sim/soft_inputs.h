#ifndef TAKTGATE_SIM_SOFT_INPUTS_H_
#define TAKTGATE_SIM_SOFT_INPUTS_H_

#include "gate/gate.h"
#include "sim/soft_camera.h"
#include "sim/soft_door.h"
#include "sim/soft_world.h"

namespace taktgate::sim {

// What goes into a station's gate: the referee gets each event first, with the truth about it.
//
// Threads: one.
class SoftInputs final : public gate::GateInputs {
 public:
  SoftInputs(SoftWorld& world, const SoftDoor& door, const SoftCamera& camera, gate::Gate& gate)
      : world_(world), door_(door), camera_(camera), gate_(gate) {}

  // Orders that nobody gives in this state are left out; others are given to be refused. What the
  // gate says to an order is checked.
  bool On(const gate::event::Input& input) override;
  TimePoint NextTimer() const override { return gate_.NextTimer(); }
  // As a new process does it, unchecked.
  bool Give(const gate::event::Input& input);

 private:
  bool IsMeant(const gate::event::Input& input) const;
  void CheckOrder(const gate::event::Input& input, bool was_online, bool accepted);
  bool online() const { return gate_.state() == gate::State::kContinuousExecution; }

  void Tell(const gate::event::Trigger& event);
  void Tell(const gate::event::Encoder& event);
  void Tell(const gate::event::Frame& event);
  void Tell(const gate::event::Answered& event);
  void Tell(const gate::event::GateSensor& event);
  void Tell(const gate::event::PlcPart& event);
  void Tell(const gate::event::PlcBeat& event);
  void Tell(const gate::event::Command& event);
  void Tell(const gate::event::ChangeRelease& event);
  void Tell(const gate::event::StartChallenge& event);
  void Tell(const gate::event::Acknowledge& event);
  void Tell(const gate::event::Resumed& event);
  template <typename Event>
  void Tell(const Event&) {}  // the referee sees the rest by itself

  SoftWorld& world_;
  const SoftDoor& door_;
  const SoftCamera& camera_;
  gate::Gate& gate_;
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_SOFT_INPUTS_H_
