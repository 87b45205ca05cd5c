#include "gate/escalation.h"

#include <algorithm>

namespace taktgate::gate {

using judge::Blame;

void Window::Add(bool yes) {
  yes_ += yes ? 1U : 0U;
  yes_ -= last_[next_] ? 1U : 0U;
  last_[next_] = yes;
  next_ = (next_ + 1) % size_;
}

Escalation::Escalation(const EscalationSettings& settings, GateOutputs& outputs)
    : settings_(settings),
      outputs_(outputs),
      reject_window_(std::max<std::uint32_t>(1, settings.rate_window)) {}

void Escalation::OnDecision(const Decision& decision) {
  const Blame blame = judge::InfoOf(decision.reason).blame;
  if (blame == Blame::kOutside) return;
  const PartId part = decision.part;
  rejects_.Count(!decision.released);
  faults_.Count(blame == Blame::kFault);
  reject_window_.Add(!decision.released);
  Judge(AlarmKind::kRejectsInARow, rejects_.length, settings_.rejects_amber, settings_.rejects_stop,
        part);
  Judge(AlarmKind::kRejectRate, reject_window_.yes(), settings_.rate_amber, settings_.rate_stop,
        part);
  Judge(AlarmKind::kFaultsInARow, faults_.length, settings_.faults_amber, settings_.faults_stop,
        part);
  CountMiss(blame == Blame::kMiss, part);
}

void Escalation::CountMiss(bool miss, PartId part) {
  misses_.Count(miss);
  miss_window_.Add(miss);
  parts_since_miss_ = miss ? 0 : parts_since_miss_ + 1;
  if (miss) Raise(AlarmKind::kDeadlineMisses, Severity::kWarn, part);
  const auto kind = static_cast<std::size_t>(AlarmKind::kDeadlineMisses);
  if (raised_[kind] == Severity::kWarn && parts_since_miss_ >= settings_.miss_quiet) {
    Settle(AlarmKind::kDeadlineMisses, Severity::kCalm);
  }
  Judge(AlarmKind::kDeadlineMisses, miss_window_.yes(), settings_.misses_amber, 0, part);
  Judge(AlarmKind::kDeadlineMisses, misses_.length, settings_.miss_row_amber,
        settings_.miss_row_stop, part);
}

void Escalation::OnBinDisagreement(PartId part) {
  ++bin_disagreements_;
  Judge(AlarmKind::kBinDisagrees, bin_disagreements_, settings_.bin_amber, settings_.bin_stop,
        part);
}

void Escalation::Judge(AlarmKind kind, std::uint32_t count, std::uint32_t amber, std::uint32_t stop,
                       PartId part) {
  if (stop != 0 && count >= stop) {
    Raise(kind, Severity::kStop, part);
  } else if (amber != 0 && count >= amber) {
    Raise(kind, Severity::kAmber, part);
  }
}

void Escalation::Raise(AlarmKind kind, Severity severity, PartId part) {
  if (severity <= raised_[static_cast<std::size_t>(kind)]) return;
  Settle(kind, severity);
  outputs_.Raised({kind, severity, part});
}

void Escalation::Settle(AlarmKind kind, Severity severity) {
  raised_[static_cast<std::size_t>(kind)] = severity;
  severity_ = *std::max_element(raised_.begin(), raised_.end());
}

void Escalation::Acknowledge() {
  raised_.fill(Severity::kCalm);
  severity_ = Severity::kCalm;
  rejects_ = faults_ = misses_ = {};
  reject_window_.Clear();
  miss_window_.Clear();
  bin_disagreements_ = 0;
}

}  // namespace taktgate::gate
