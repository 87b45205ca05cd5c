#include "sim/alarm_watch.h"

#include <algorithm>

namespace taktgate::sim {

using gate::AlarmKind;
using gate::Severity;
using judge::Blame;

namespace {

std::size_t Index(AlarmKind kind) { return static_cast<std::size_t>(kind); }

}  // namespace

void AlarmWatch::OnDecision(const gate::Decision& decision) {
  const Blame blame = judge::InfoOf(decision.reason).blame;
  if (blame == Blame::kOutside) return;
  const bool miss = blame == Blame::kMiss;
  rejects_row_ = decision.released ? 0 : rejects_row_ + 1;
  faults_row_ = blame == Blame::kFault ? faults_row_ + 1 : 0;
  misses_row_ = miss ? misses_row_ + 1 : 0;
  rejects_.Add(!decision.released);
  misses_.Add(miss);
  Due(AlarmKind::kRejectsInARow, rejects_row_, settings_.rejects_amber, settings_.rejects_stop);
  Due(AlarmKind::kRejectRate, rejects_.count, settings_.rate_amber, settings_.rate_stop);
  Due(AlarmKind::kFaultsInARow, faults_row_, settings_.faults_amber, settings_.faults_stop);
  quiet_parts_ = miss ? 0 : quiet_parts_ + 1;
  const std::size_t misses = Index(AlarmKind::kDeadlineMisses);
  if (miss) Due(AlarmKind::kDeadlineMisses, Severity::kWarn);
  if (raised_[misses] == Severity::kWarn && quiet_parts_ >= settings_.miss_quiet) {
    raised_[misses] = due_[misses] = Severity::kCalm;
  }
  Due(AlarmKind::kDeadlineMisses, misses_.count, settings_.misses_amber, 0);
  Due(AlarmKind::kDeadlineMisses, misses_row_, settings_.miss_row_amber, settings_.miss_row_stop);
}

void AlarmWatch::Due(AlarmKind kind, std::uint32_t count, std::uint32_t amber, std::uint32_t stop) {
  if (stop != 0 && count >= stop) {
    Due(kind, Severity::kStop);
  } else if (amber != 0 && count >= amber) {
    Due(kind, Severity::kAmber);
  }
}

void AlarmWatch::Due(AlarmKind kind, Severity severity) {
  due_[Index(kind)] = std::max(due_[Index(kind)], severity);
}

bool AlarmWatch::OnRaised(const gate::Alarm& alarm) {
  const std::size_t kind = Index(alarm.kind);
  const bool due = alarm.severity <= due_[kind] && alarm.severity > raised_[kind];
  raised_[kind] = std::max(raised_[kind], alarm.severity);
  return due;
}

void AlarmWatch::OnAcknowledged() {
  rejects_row_ = faults_row_ = misses_row_ = 0;
  rejects_ = LastParts(settings_.rate_window);
  misses_ = LastParts(100);
  due_.fill(Severity::kCalm);
  raised_.fill(Severity::kCalm);
}

bool AlarmWatch::overdue() const { return due_ != raised_; }

}  // namespace taktgate::sim
