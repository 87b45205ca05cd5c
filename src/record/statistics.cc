#include "record/statistics.h"

#include <utility>

namespace taktgate::record {

namespace {

bool JudgedByModel(const gate::Decision& decision) {
  return decision.has_answer && (decision.released || decision.reason == decision.answer.reason);
}

}  // namespace

Statistics::Statistics(std::size_t truth_rows, TruthOf truth_of)
    : truth_of_(std::move(truth_of)), truth_(truth_rows) {}

void Statistics::Write(const Record& record) {
  const MutexLock lock(mutex_);
  switch (record.kind) {
    case Record::Kind::kDecision:
      Count(record.decision);
      break;
    case Record::Kind::kLateAnswer:
      ++counts_.late_answers;
      counts_.latency.Record(record.decision.answer.finished_at - record.decision.trigger_at);
      break;
    case Record::Kind::kPassCutShort:
      ++counts_.passes_cut_short;
      break;
    case Record::Kind::kVerified:
    case Record::Kind::kAlarm:
    case Record::Kind::kOrder:
      break;  // a line of the record; its decisions count what it counts
  }
}

void Statistics::Count(const gate::Decision& decision) {
  ++counts_.parts;
  counts_.released += decision.released ? 1U : 0U;
  ++counts_.reasons[static_cast<std::size_t>(decision.reason)];
  if (decision.released && decision.issued_at >= decision.level_due) ++counts_.pass_after_deadline;
  if (decision.has_answer) {
    const gate::Answer& answer = decision.answer;
    ++counts_.answered;
    counts_.latency.Record(decision.issued_at - decision.trigger_at);
    counts_.stages.wait.Record(answer.started_at - decision.trigger_at);
    counts_.stages.image.Record(answer.image_time);
    counts_.stages.infer.Record(answer.infer_time);
    counts_.stages.judge.Record(answer.judge_time);
    counts_.stages.output.Record(decision.issued_at - answer.finished_at);
  } else if (judge::InfoOf(decision.reason).blame == judge::Blame::kOutside) {
    ++counts_.not_inspected;
  }
  const int row = truth_of_ ? truth_of_(decision.part.sequence) : -1;
  if (row < 0 || static_cast<std::size_t>(row) >= truth_.size()) return;
  TruthRow& truth = truth_[static_cast<std::size_t>(row)];
  if (decision.released) {
    ++truth.released;
  } else if (JudgedByModel(decision)) {
    ++truth.rejected_by_model;
  } else {
    ++truth.rejected_unseen;
  }
}

LineCounts Statistics::Look() const {
  const MutexLock lock(mutex_);
  return counts_;
}

std::vector<TruthRow> Statistics::LookAtTruth() const {
  const MutexLock lock(mutex_);
  return truth_;
}

}  // namespace taktgate::record
