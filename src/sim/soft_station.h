#ifndef TAKTGATE_SIM_SOFT_STATION_H_
#define TAKTGATE_SIM_SOFT_STATION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "gate/gate.h"
#include "gate/pump.h"
#include "sim/soft_devices.h"
#include "sim/soft_inputs.h"
#include "sim/soft_outputs.h"
#include "sim/soft_world.h"

namespace taktgate::sim {

// Makes the gate of a station that starts. The shipped one is gate::Gate; tests put broken ones in
// its place, to see that the referee notices.
using MakeGate = std::function<std::unique_ptr<gate::Gate>(const gate::GateSettings& settings,
                                                           gate::GateOutputs& outputs)>;

// One station after the other: its life, its clock, and its deciding thread around the real gate
// and its pump.
//
// Threads: one. A station that starts allocates its gate, and nothing after that.
class SoftStation final : private gate::Door {
 public:
  SoftStation(SoftWorld& world, SoftDevices& devices, MakeGate make);

  void Start();
  // kill -9: the lines keep their levels, and nothing more comes from the station. Another one
  // starts after this time.
  void Die(Duration away);
  // The supervisor does that, if it is still the station that it has seen.
  void Restart(std::uint64_t boot);
  // In order. False while it cannot: it is not there, or does not hear.
  bool End();
  // The deciding thread.
  void Wake();

  // A part that should have fallen into the bin was not seen there: does the gate notice?
  void ExpectDisagreement();
  void CheckDisagreements(std::uint64_t before, std::uint64_t boot);

  void FaultBegins(const Fault& fault, TimePoint until);
  void FaultEnds(const Fault& fault);

 private:
  // The gate and what brings its events.
  struct Process {
    Process(SoftWorld& world, const SoftDevices& devices, gate::Door& door,
            std::unique_ptr<gate::Gate> made)
        : gate(std::move(made)),
          inputs(world, devices.door, devices.camera, *gate),
          pump(door, inputs) {}

    const std::unique_ptr<gate::Gate> gate;
    SoftInputs inputs;
    gate::Pump pump;
  };

  bool Next(gate::Source source, gate::event::Input& input) override;
  void SwapRelease(TimePoint now);
  void FallAsleep(TimePoint until);
  void WakeUp();

  SoftWorld& world_;
  SoftDevices& devices_;
  const MakeGate make_;
  SoftOutputs outputs_;
  std::optional<Process> process_;
  bool swap_wanted_ = false;
  bool has_slept_ = false;  // since it looked
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_SOFT_STATION_H_
