#ifndef TAKTGATE_GATE_ESCALATION_H_
#define TAKTGATE_GATE_ESCALATION_H_

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>

#include "gate/outputs.h"
#include "gate/settings.h"

namespace taktgate::gate {

// Yes or no for each of the last parts, and the number of yes; `size` of at most 256.
class Window {
 public:
  explicit Window(std::size_t size) : size_(size) {}
  void Add(bool yes);
  std::uint32_t yes() const { return yes_; }
  void Clear() { *this = Window(size_); }
  // For checkpoints (state_bytes.h): every member that changes.
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(last_, next_, yes_);
    visit.Check(next_ < size_);
  }

 private:
  std::size_t size_;
  std::bitset<256> last_;
  std::size_t next_ = 0;
  std::uint32_t yes_ = 0;
};

// Counts what must not go on for long, and reports when it has: a warning, amber, line stop. An
// alarm stays until it is acknowledged, except warnings, which end by themselves.
//
// Threads: one, the gate's.
class Escalation {
 public:
  Escalation(const EscalationSettings& settings, GateOutputs& outputs);

  void OnDecision(const Decision& decision);
  void OnBinDisagreement(PartId part);
  void Raise(AlarmKind kind, Severity severity, PartId part);
  void Acknowledge();
  Severity severity() const { return severity_; }
  // For checkpoints (state_bytes.h): every member that changes.
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(raised_, severity_, rejects_.length, faults_.length, misses_.length, reject_window_,
          miss_window_, parts_since_miss_, bin_disagreements_);
  }

 private:
  struct Row {
    std::uint32_t length = 0;
    void Count(bool yes) { length = yes ? length + 1 : 0; }
  };
  void Judge(AlarmKind kind, std::uint32_t count, std::uint32_t amber, std::uint32_t stop,
             PartId part);
  void CountMiss(bool miss, PartId part);
  void Settle(AlarmKind kind, Severity severity);

  const EscalationSettings settings_;
  GateOutputs& outputs_;
  std::array<Severity, kAlarmKinds> raised_{};
  Severity severity_ = Severity::kCalm;
  Row rejects_, faults_, misses_;
  Window reject_window_;
  Window miss_window_{100};
  std::uint32_t parts_since_miss_ = 0;
  std::uint32_t bin_disagreements_ = 0;
};

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_ESCALATION_H_
