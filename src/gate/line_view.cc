#include "gate/line_view.h"

namespace taktgate::gate {

void LineViewKeeper::OnDecision(const Decision& decision) {
  const Answer& answer = decision.answer;
  view_.last = {decision.part,    decision.released,     decision.verdict,
                decision.reason,  answer.class_index,    answer.defect_score,
                decision.release, decision.has_plc_part, decision.plc_part};
  if (judge::InfoOf(decision.reason).blame == judge::Blame::kMiss) ++view_.deadline_misses;
  changed_ = true;
}

void LineViewKeeper::OnAlarm(const Alarm& alarm) {
  raised_[static_cast<std::size_t>(alarm.kind)] = alarm.severity;
  changed_ = true;
}

const std::array<Severity, kAlarmKinds>& LineViewKeeper::OpenAlarms(Severity now) {
  if (now == Severity::kCalm) raised_.fill(Severity::kCalm);
  return raised_;
}

void LineViewKeeper::Show(State state, Severity severity, const Counts& counts) {
  const bool same = view_.state == state && view_.severity == severity && view_.counts == counts;
  if (same && !changed_) return;
  changed_ = false;
  ++view_.changes;
  view_.state = state;
  view_.online = IsOnline(state);
  view_.severity = severity;
  view_.ready = view_.online && severity != Severity::kStop;
  view_.alarms = OpenAlarms(severity);
  view_.counts = counts;
  seen_.Set(view_);
}

}  // namespace taktgate::gate
