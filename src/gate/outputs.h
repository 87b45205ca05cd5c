#ifndef TAKTGATE_GATE_OUTPUTS_H_
#define TAKTGATE_GATE_OUTPUTS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/output_line.h"
#include "gate/decision.h"

namespace taktgate::gate {

using Line = OutputLine;

enum class Severity : std::uint8_t { kCalm, kWarn, kAmber, kStop };

enum class AlarmKind : std::uint8_t {
  kRejectsInARow,
  kRejectRate,
  kFaultsInARow,
  kDeadlineMisses,
  kBinDisagrees,
  kTrackingLost,
  kBeltReversed,
  kChallengeMissed,  // a known-bad part would have passed
  kInferenceAway,
  kPlcSilent,  // its heartbeat has stopped
};
inline constexpr std::size_t kAlarmKinds = 10;

std::string_view ToString(Severity severity);
std::string_view ToString(AlarmKind kind);

struct Alarm {
  AlarmKind kind{};
  Severity severity{};
  PartId part;
};

// What the gate wants done, in this order, during the call of an event. Implementations must not
// call back into the gate. A class that overrides nothing ignores everything, and its wires accept
// every level.
class GateOutputs {
 public:
  virtual ~GateOutputs() = default;
  // Called for changes only. False if PASS or VALID was not on the wire before `latest`: it is
  // then taken back, and a part without its PASS is late. After `until` the hardware must drop PASS
  // by itself, in case this process sleeps; max() for every other change.
  virtual bool SetLine(Line /*line*/, bool /*energised*/, TimePoint /*latest*/,
                       TimePoint /*until*/) {
    return true;
  }
  // PASS is about to be set for this part: from now on, whatever happens to this process, the part
  // may have passed.
  virtual void WillPass(PartId) {}
  virtual void StartInference(PartId /*part*/, std::uint32_t /*frame_slot*/) {}
  virtual void TerminateInference(PartId /*part*/) {}
  virtual void ReleaseFrame(std::uint32_t /*frame_slot*/) {}
  // Exactly once per part; of a released one after PASS was set.
  virtual void Decided(const Decision& /*decision*/) {}
  // An answer about a part that was decided without it: recorded, never acted on.
  virtual void LateAnswer(PartId /*part*/, const Answer& /*answer*/) {}
  // A PASS that was taken off the wire before its part was through the gate.
  virtual void PassCutShort(PartId /*part*/) {}
  // What the reject bin said about a decided part.
  virtual void BinSaid(PartId /*part*/, Verified /*verified*/) {}
  // Once per kind and severity until the next acknowledgement.
  virtual void Raised(const Alarm& /*alarm*/) {}
  virtual void Acknowledged(std::string_view /*name*/) {}
  // The inference thread stayed away too long: let the supervisor restart.
  virtual void InferenceFault(PartId /*part*/) {}
};

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_OUTPUTS_H_
