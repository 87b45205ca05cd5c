// What the referee says about one part; the histories are in real_referee.cc.
#include <algorithm>
#include <cstdio>

#include "rig/real_referee.h"

namespace taktgate::rig {
namespace {

bool IsOfModel(const std::string& reason) {
  return reason == "defect" || reason == "low_confidence" || reason == "not_aligned" ||
         reason == "image_unhealthy" || reason == "model_error";
}

bool NotInspected(const std::string& reason) {
  return reason == "offline" || reason == "line_stopped" || reason == "challenge" ||
         reason == "shutdown";
}

bool IsOfBelt(const std::string& reason) {
  return reason == "gate_missed" || reason == "tracking_lost" || reason == "plc_absent" ||
         reason == "plc_mismatch";
}

Stood Both(Stood a, Stood b) { return std::min(a, b); }

std::string InMs(Duration duration) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f ms", static_cast<double>(duration.count()) / 1e6);
  return text;
}

}  // namespace

void RealReferee::JudgePart(std::uint64_t part) {
  const Seen& seen = seen_[part];
  const BoardTruth& board = Board(part);
  const Stood stood = Both(truth_.pass.At(AtGate(part)), truth_.relay.At(AtGate(part)));
  tallies_.passed += stood == Stood::kYes ? 1 : 0;
  tallies_.maybe_passed += stood == Stood::kMaybe ? 1 : 0;
  tallies_.ejected += stood == Stood::kNo ? 1 : 0;
  tallies_.defective += board.defective ? 1 : 0;
  tallies_.passed_defective += board.defective && stood != Stood::kNo ? 1 : 0;
  tallies_.ejected_good += !board.defective && stood == Stood::kNo ? 1 : 0;
  if (seen.record == nullptr) {
    JudgeUnrecorded(part, stood);
    return;
  }
  ++tallies_.decisions;
  ++tallies_.reasons[seen.record->reason];
  tallies_.recovered += seen.record->recovered ? 1 : 0;
  if (seen.run == nullptr)
    Blame(sim::Invariant::kReconciled, part, "recorded, but no run took its edge");
  CountMisses(part);
  if (seen.record->released) {
    JudgeReleased(part, stood);
  } else {
    JudgeRejected(part, stood);
  }
}

void RealReferee::JudgeUnrecorded(std::uint64_t part, Stood stood) {
  const RunTruth* run = seen_[part].run;
  ++(run == nullptr ? tallies_.unheard : tallies_.lost_at_kill);
  if (run != nullptr && !run->killed) Blame(sim::Invariant::kOneDecision, part, "no decision");
  if (stood != Stood::kNo) Blame(sim::Invariant::kSafeLines, part, "it passed without a decision");
}

void RealReferee::JudgeReleased(std::uint64_t part, Stood stood) {
  const Seen& seen = seen_[part];
  const PartRecord& record = *seen.record;
  const BoardTruth& board = Board(part);
  ++tallies_.released;
  if (!board.passes)
    Blame(sim::Invariant::kOnlyProven, part, "released; the model says " + board.reason);
  if (record.answered && record.score != board.score) {
    Blame(sim::Invariant::kOnlyProven, part, "released with the answer about another board");
  }
  if (record.trigger_at + record.decided >= DueOf(part)) {
    Blame(sim::Invariant::kInTime, part, "released " + InMs(record.decided) + " after its edge");
  }
  if (seen.stretch == nullptr) {
    Blame(sim::Invariant::kNothingLost, part, "released, but PASS never rose for it");
    return;
  }
  const TimePoint on_wire = seen.stretch->rise.after;
  if (on_wire >= DueOf(part) && !record.recovered) {
    ++tallies_.passes_after_deadline;
    Blame(sim::Invariant::kInTime, part, "PASS was known to stand only after the deadline");
  }
  if (!record.recovered) {
    tallies_.edge_to_wire.Record(on_wire - record.trigger_at);
    const Duration may_rise = std::max(record.decided, truth_.belt.open);
    tallies_.decided_to_wire.Record(on_wire - record.trigger_at - may_rise);
    tallies_.decided_to_issued.Record(record.issued - may_rise);
  }
  const bool open = truth_.relay.At(AtGate(part)) != Stood::kYes;
  tallies_.behind_open_relay += open ? 1 : 0;
  const bool excused = open || tallies_.cut_short > 0 || (seen.run != nullptr && seen.run->failed);
  if (stood == Stood::kNo && !excused) {
    Blame(sim::Invariant::kNothingLost, part, "released, but PASS was off when it was in the gate");
  }
}

void RealReferee::JudgeRejected(std::uint64_t part, Stood stood) {
  const Seen& seen = seen_[part];
  const PartRecord& record = *seen.record;
  CheckReason(part);
  tallies_.restarts += record.reason == "restart" ? 1 : 0;
  tallies_.may_have_passed += record.may_have_passed ? 1 : 0;
  if (stood == Stood::kNo || record.may_have_passed) return;
  // The wire was set in time, and the station slept before it could see that it was.
  const bool unseen = record.reason == "late" && seen.stretch != nullptr &&
                      seen.stretch->rise.after >= DueOf(part) && Board(part).passes;
  if (unseen) {
    ++tallies_.late_on_wire;
  } else {
    Blame(sim::Invariant::kSafeLines, part, "it passed, but the record says " + record.reason);
  }
}

// Parts that were on the belt when a station came, and a machine that stalls, lose their track.
bool RealReferee::OfBeltIsRight(const PartRecord& record) const {
  const RealBelt& belt = truth_.belt;
  if (record.reason == "gate_missed") {
    return record.answered &&
           record.decided >= (belt.mode == gate::BeltMode::kByCount ? truth_.window : belt.due);
  }
  if (record.reason == "tracking_lost") return belt.gate_sensor;
  if (record.reason == "plc_mismatch") return belt.plc_names_parts;
  return belt.plc_beats || (belt.plc_names_parts && record.decided >= truth_.window);
}

void RealReferee::CheckReason(std::uint64_t part) {
  const PartRecord& record = *seen_[part].record;
  const BoardTruth& board = Board(part);
  const bool at_deadline = record.decided >= truth_.window;
  bool right = false;
  if (IsOfModel(record.reason)) {
    right = record.reason == board.reason && (!record.answered || record.score == board.score);
  } else if (record.reason == "no_frame") {
    right = at_deadline && !record.has_frame;
  } else if (record.reason == "late") {
    // Of an answer in time: PASS was not on the wire before the deadline.
    const bool at_output = record.answered && record.trigger_at + record.issued >= DueOf(part);
    right = (at_deadline || at_output) && (record.has_frame || record.recovered);
  } else if (record.reason == "no_slack") {
    right = record.has_frame || record.recovered;
  } else if (record.reason == "restart") {
    right = record.recovered;
  } else if (record.reason == "overrun") {
    right = !truth_.freezes.empty();
  } else if (record.reason == "shutdown" || record.reason == "offline") {
    const bool failed = seen_[part].run != nullptr && seen_[part].run->failed;
    right = failed || (record.reason == "offline" && WasCutOff(record));
  } else if (record.reason == "frame_mismatch") {
    // The count of frames is found again at the first part whose frame came in time.
    right = part > 0 && seen_[part - 1].record != nullptr && !seen_[part - 1].record->has_frame;
  }
  if (IsOfBelt(record.reason)) right = OfBeltIsRight(record);
  if (!right) {
    Blame(sim::Invariant::kRightReason, part,
          record.reason + ", decided " + InMs(record.decided) + " after the edge, " +
              (record.has_frame ? "with" : "without") + " a frame; the model says " + board.reason);
  }
}

// A part that got no timely answer, whatever the model would have said.
void RealReferee::CountMisses(std::uint64_t part) {
  const PartRecord& record = *seen_[part].record;
  if (record.recovered) return;
  tallies_.misses_recorded += record.answered || NotInspected(record.reason) ? 0 : 1;
  if (!Board(part).passes) return;
  tallies_.good_misses_recorded += record.released ? 0 : 1;
  const bool on_wire =
      seen_[part].stretch != nullptr && seen_[part].stretch->rise.after < DueOf(part);
  tallies_.good_misses_on_wire += on_wire ? 0 : 1;
}

}  // namespace taktgate::rig
