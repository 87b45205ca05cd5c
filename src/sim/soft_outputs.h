#ifndef TAKTGATE_SIM_SOFT_OUTPUTS_H_
#define TAKTGATE_SIM_SOFT_OUTPUTS_H_

#include "gate/outputs.h"
#include "sim/soft_devices.h"
#include "sim/soft_world.h"

namespace taktgate::sim {

// What comes out of a station's gate, on its way to the line. The referee gets all of it.
//
// Threads: one.
class SoftOutputs final : public gate::GateOutputs {
 public:
  SoftOutputs(SoftWorld& world, SoftDevices& devices) : world_(world), devices_(devices) {}

  // The deciding thread has looked at its clock.
  void Wakes(TimePoint on_its_clock) { station_now_ = on_its_clock; }
  TimePoint station_now() const { return station_now_; }
  // A new process lets go of every line.
  void LetGo();

  bool SetLine(gate::Line line, bool energised, TimePoint latest, TimePoint until) override;
  void WillPass(gate::PartId part) override { will_pass_ = part; }
  void StartInference(gate::PartId part, std::uint32_t slot) override {
    devices_.model.Start(part, slot);
  }
  void TerminateInference(gate::PartId part) override { devices_.model.Terminate(part); }
  void ReleaseFrame(std::uint32_t slot) override { devices_.camera.Release(slot); }
  void Decided(const gate::Decision& decision) override { world_.referee.Decided(decision); }
  void LateAnswer(gate::PartId part, const gate::Answer&) override { world_.referee.Late(part); }
  void PassCutShort(gate::PartId part) override { world_.referee.CutShort(part); }
  void Raised(const gate::Alarm& alarm) override;
  void InferenceFault(gate::PartId part) override;

 private:
  void LookWhoIsThere(gate::Line line, TimePoint at);

  SoftWorld& world_;
  SoftDevices& devices_;
  TimePoint station_now_{};
  gate::PartId will_pass_;  // whose PASS comes next
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_SOFT_OUTPUTS_H_
