#ifndef TAKTGATE_SIM_ALARM_WATCH_H_
#define TAKTGATE_SIM_ALARM_WATCH_H_

#include <array>
#include <bitset>
#include <cstdint>

#include "gate/decision.h"
#include "gate/outputs.h"
#include "gate/settings.h"

namespace taktgate::sim {

// Counts decisions by itself and knows which alarm must come with which decision. Written
// from docs/gate.md, not from the gate's code; what a reason is counted as is in the one list of
// reasons.
//
// Threads: one.
class AlarmWatch {
 public:
  explicit AlarmWatch(const gate::EscalationSettings& settings) : settings_(settings) {}

  // Not for challenge parts.
  void OnDecision(const gate::Decision& decision);
  // False: this alarm is not due.
  bool OnRaised(const gate::Alarm& alarm);
  void OnAcknowledged();
  // An alarm that was due is missing.
  bool overdue() const;
  // Alarms that this watch does not count; the caller knows their causes.
  static bool Counts(gate::AlarmKind kind) { return kind <= gate::AlarmKind::kDeadlineMisses; }

 private:
  // Yes and no of the last `size` parts.
  struct LastParts {
    explicit LastParts(std::size_t wanted) : size(wanted) {}
    void Add(bool value) {
      count += (value ? 1U : 0U) - (bits[next] ? 1U : 0U);
      bits[next] = value;
      next = next + 1 == size ? 0 : next + 1;
    }
    std::size_t size;
    std::bitset<256> bits;
    std::size_t next = 0;
    std::uint32_t count = 0;
  };
  void Due(gate::AlarmKind kind, std::uint32_t count, std::uint32_t amber, std::uint32_t stop);
  void Due(gate::AlarmKind kind, gate::Severity severity);

  gate::EscalationSettings settings_;
  std::uint32_t rejects_row_ = 0, faults_row_ = 0, misses_row_ = 0;
  std::uint32_t quiet_parts_ = 0;
  LastParts rejects_{settings_.rate_window};
  LastParts misses_{100};
  std::array<gate::Severity, gate::kAlarmKinds> due_{};
  std::array<gate::Severity, gate::kAlarmKinds> raised_{};
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_ALARM_WATCH_H_
