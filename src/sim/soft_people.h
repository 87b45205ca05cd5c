#ifndef TAKTGATE_SIM_SOFT_PEOPLE_H_
#define TAKTGATE_SIM_SOFT_PEOPLE_H_

#include <cstdint>

#include "base/spsc_ring.h"
#include "gate/gate.h"
#include "sim/soft_belt.h"
#include "sim/soft_door.h"
#include "sim/soft_world.h"

namespace taktgate::sim {

// Who gives orders: the operator who comes after an alarm, and who stops, starts and changes the
// release. They do one thing after the other; each order is given as by somebody in a hurry.
//
// Threads: one. Nothing is allocated after construction.
class SoftPeople {
 public:
  SoftPeople(SoftWorld& world, SoftBelt& belt, SoftDoor& door)
      : world_(world), belt_(belt), door_(door) {}

  void See(const gate::Alarm& alarm);
  void OperatorIsThere() { door_.Send({SoftMessage::Kind::kOperator}); }
  // The station of this boot, if it is still there, is to go online.
  void GoOnline(std::uint64_t boot);
  // The station is gone, and nobody waits any more.
  void GiveUp();

  // The next order, made when the gate is about to get it: it may depend on the gate's state.
  bool Next(const gate::Gate& gate, gate::event::Input& order);

  // Another release is to be in force from now on.
  void ChooseNextRelease() { ++release_; }
  gate::event::ChangeRelease Release(TimePoint at, TimePoint now = {}) const;

  void FaultBegins(const Fault& fault);
  void FaultEnds(const Fault& fault);

 private:
  void Mean(const SoftMessage& message, const gate::Gate& gate);
  void OperatorActs(const gate::Gate& gate, TimePoint at);
  void ChangeRelease(TimePoint at);
  void Order(const gate::event::Input& order);

  SoftWorld& world_;
  SoftBelt& belt_;
  SoftDoor& door_;
  DroppingSpscRing<gate::event::Input> orders_{16};
  bool operator_comes_ = false;
  bool start_again_ = false;  // the operator must stop and start
  std::uint32_t last_challenge_ = 0;
  std::uint32_t release_ = 1;
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_SOFT_PEOPLE_H_
