#ifndef TAKTGATE_SIM_GATE_PORT_H_
#define TAKTGATE_SIM_GATE_PORT_H_

#include <functional>
#include <memory>
#include <string_view>

#include "gate/gate.h"

namespace taktgate::sim {

// The gate as the soft line reaches it. The shipped one is the gate itself; tests put broken ones
// in its place, to see that the referee notices.
//
// Threads: one.
class GatePort {
 public:
  GatePort(const gate::GateSettings& settings, gate::GateOutputs& outputs)
      : gate_(settings, outputs) {}
  virtual ~GatePort() = default;

  virtual bool Take(gate::Command command, TimePoint now) { return gate_.Take(command, now); }
  virtual bool ChangeRelease(std::uint32_t number, TimePoint now) {
    return gate_.ChangeRelease(number, now);
  }
  virtual bool StartChallenge(std::uint32_t parts, TimePoint now) {
    return gate_.StartChallenge(parts, now);
  }
  virtual bool Acknowledge(std::string_view name, TimePoint now) {
    return gate_.Acknowledge(name, now);
  }
  virtual void OnTrigger(TimePoint edge_at, TimePoint now, std::uint32_t encoder) {
    gate_.OnTrigger(edge_at, now, encoder);
  }
  virtual void OnEncoder(std::uint32_t count, TimePoint now) { gate_.OnEncoder(count, now); }
  virtual void OnFrame(const gate::FrameSeen& frame, TimePoint now) { gate_.OnFrame(frame, now); }
  virtual void OnAnswer(gate::PartId part, const gate::Answer& answer, TimePoint now) {
    gate_.OnAnswer(part, answer, now);
  }
  virtual void OnGateSensor(TimePoint now) { gate_.OnGateSensor(now); }
  virtual void OnBinSensor(TimePoint now) { gate_.OnBinSensor(now); }
  virtual void OnPlcPart(std::uint32_t number, TimePoint now) { gate_.OnPlcPart(number, now); }
  virtual void OnPlcBeat(bool level, TimePoint now) { gate_.OnPlcBeat(level, now); }
  virtual void OnTime(TimePoint now) { gate_.OnTime(now); }
  virtual TimePoint NextTimer() const { return gate_.NextTimer(); }

  const gate::Counts& counts() const { return gate_.counts(); }
  gate::State state() const { return gate_.state(); }
  const gate::ChallengeResult& challenge() const { return gate_.challenge(); }

 protected:
  gate::Gate gate_;
};

using MakeGatePort = std::function<std::unique_ptr<GatePort>(const gate::GateSettings& settings,
                                                             gate::GateOutputs& outputs)>;

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_GATE_PORT_H_
