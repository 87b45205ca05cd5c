#include "sim/real_referee.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace taktgate::sim {
namespace {

bool IsOfModel(const std::string& reason) {
  return reason == "defect" || reason == "low_confidence" || reason == "not_aligned" ||
         reason == "image_unhealthy" || reason == "model_error";
}

Stood Both(Stood a, Stood b) { return std::min(a, b); }

std::string InMs(Duration duration) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f ms", static_cast<double>(duration.count()) / 1e6);
  return text;
}

}  // namespace

RealReferee::RealReferee(const RealTruth& truth, const RecordedLine& records)
    : truth_(truth), seen_(truth.parts()) {
  AssignRuns();
  AssignRecords(records);
  CheckIds(records);
  CheckLateAnswers(records);
  AssignStretches();
  for (std::uint64_t part = 0; part < truth_.parts(); ++part) JudgePart(part);
  if (tallies_.good_misses_recorded != tallies_.good_misses_on_wire) {
    Blame(Invariant::kReconciled, 0, "misses of good boards differ between records and wire");
  }
  if (truth_.misses_told && *truth_.misses_told != tallies_.misses_recorded) {
    Blame(Invariant::kReconciled, 0, "the station counts other misses than it recorded");
  }
  CheckGlances();
  CheckFreezes();
}

void RealReferee::Blame(Invariant invariant, std::uint64_t part, const std::string& what) {
  if (!findings_.Count(invariant)) return;
  std::string words = std::string(NameOf(invariant)) + ": part " + std::to_string(part);
  if (part < truth_.parts()) {
    words += " (a " + std::string(truth_.board(part).passes ? "good" : "bad") + " board, edge at " +
             std::to_string(truth_.EdgeOf(part).time_since_epoch().count()) + " ns)";
  }
  findings_.SetWords(words + ": " + what);
}

std::optional<std::uint64_t> RealReferee::PartAt(TimePoint edge) const {
  const Duration since = edge - truth_.first_edge;
  if (since < Duration(0) || since % truth_.period != Duration(0)) return std::nullopt;
  const auto part = static_cast<std::uint64_t>(since / truth_.period);
  return part < truth_.parts() ? std::optional(part) : std::nullopt;
}

TimePoint RealReferee::AtGate(std::uint64_t part) const {
  return DeadlineOf(part) + truth_.pass_hold / 2;
}

void RealReferee::AssignRuns() {
  for (const RunTruth& run : truth_.runs) {
    for (auto part = run.first_edge; part < std::min(run.taken_edges, truth_.parts()); ++part) {
      if (seen_[part].run != nullptr) Blame(Invariant::kReconciled, part, "two runs took its edge");
      seen_[part].run = &run;
    }
  }
}

void RealReferee::AssignRecords(const RecordedLine& records) {
  for (const PartRecord& record : records.parts) {
    const auto part = PartAt(record.trigger_at);
    if (!part) {
      Blame(Invariant::kReconciled, truth_.parts(), "a record of a part that was never there");
    } else if (seen_[*part].record != nullptr) {
      Blame(Invariant::kOneDecision, *part, "two decisions");
    } else {
      seen_[*part].record = &record;
    }
  }
  tallies_.cut_short = records.passes_cut_short;
  tallies_.late_answers = records.late.size();
}

// Ids are never given twice, and within one boot none is left out.
void RealReferee::CheckIds(const RecordedLine& records) {
  std::map<std::uint32_t, std::vector<std::uint64_t>> by_boot;
  for (const PartRecord& record : records.parts) by_boot[record.boot].push_back(record.sequence);
  for (auto& [boot, sequences] : by_boot) {
    std::sort(sequences.begin(), sequences.end());
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      if (sequences[i] == i + 1) continue;
      Blame(Invariant::kReconciled, truth_.parts(),
            "boot " + std::to_string(boot) + ": the id " + std::to_string(sequences[i]) +
                " stands where " + std::to_string(i + 1) + " is expected");
      break;
    }
  }
}

void RealReferee::CheckLateAnswers(const RecordedLine& records) {
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint64_t> part_of;
  for (std::uint64_t part = 0; part < seen_.size(); ++part) {
    const PartRecord* record = seen_[part].record;
    if (record != nullptr) part_of[{record->boot, record->sequence}] = part;
  }
  for (const LateRecord& late : records.late) {
    const auto found = part_of.find({late.boot, late.sequence});
    if (found == part_of.end()) {
      Blame(Invariant::kReconciled, truth_.parts(), "a late answer about a part without decision");
    } else if (seen_[found->second].record->answered) {
      Blame(Invariant::kOneDecision, found->second, "an answer in time and a late one");
    }
  }
}

// The one-shot's time names the part that PASS was meant for.
void RealReferee::AssignStretches() {
  for (const Stretch& stretch : truth_.pass.stretches()) {
    const auto part = PartAt(stretch.rise.until - truth_.window - truth_.pass_hold);
    if (!part || seen_[*part].stretch != nullptr) {
      Blame(Invariant::kSafeLines, part.value_or(truth_.parts()),
            part ? "PASS rose twice for it" : "PASS rose for a part that was never there");
      continue;
    }
    seen_[*part].stretch = &stretch;
    const bool by_wire =
        !stretch.fell || stretch.fall.after > stretch.rise.until + truth_.pass_hold;
    tallies_.one_shots += by_wire ? 1 : 0;
    if (stretch.rise.before >= DeadlineOf(*part)) {
      ++tallies_.passes_behind_deadline;
      Blame(Invariant::kInTime, *part, "PASS rose behind the deadline");
    }
  }
  if (truth_.pass.contradictions() != 0) {
    Blame(Invariant::kReconciled, truth_.parts(), "changes of PASS are missing in the history");
  }
}

void RealReferee::JudgePart(std::uint64_t part) {
  const Seen& seen = seen_[part];
  const BoardTruth& board = truth_.board(part);
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
    Blame(Invariant::kReconciled, part, "recorded, but no run took its edge");
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
  if (run != nullptr && !run->killed) Blame(Invariant::kOneDecision, part, "no decision");
  if (stood != Stood::kNo) Blame(Invariant::kSafeLines, part, "it passed without a decision");
}

void RealReferee::JudgeReleased(std::uint64_t part, Stood stood) {
  const Seen& seen = seen_[part];
  const PartRecord& record = *seen.record;
  const BoardTruth& board = truth_.board(part);
  ++tallies_.released;
  if (!board.passes)
    Blame(Invariant::kOnlyProven, part, "released; the model says " + board.reason);
  if (record.answered && record.score != board.score) {
    Blame(Invariant::kOnlyProven, part, "released with the answer about another board");
  }
  if (record.decided >= truth_.window) {
    Blame(Invariant::kInTime, part, "released " + InMs(record.decided) + " behind its edge");
  }
  if (seen.stretch == nullptr) {
    Blame(Invariant::kNothingLost, part, "released, but PASS never rose for it");
    return;
  }
  const TimePoint on_wire = seen.stretch->rise.after;
  if (on_wire >= DeadlineOf(part) && !record.recovered) {
    ++tallies_.passes_behind_deadline;
    Blame(Invariant::kInTime, part, "PASS was known to stand only behind the deadline");
  }
  if (!record.recovered) {
    tallies_.edge_to_wire.Record(on_wire - record.trigger_at);
    tallies_.decided_to_wire.Record(on_wire - record.trigger_at - record.decided);
    tallies_.decided_to_issued.Record(record.issued - record.decided);
  }
  const bool open = truth_.relay.At(AtGate(part)) != Stood::kYes;
  tallies_.behind_open_relay += open ? 1 : 0;
  const bool excused = open || tallies_.cut_short > 0 || (seen.run != nullptr && seen.run->failed);
  if (stood == Stood::kNo && !excused) {
    Blame(Invariant::kNothingLost, part, "released, but PASS was off when it was in the gate");
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
                      seen.stretch->rise.after >= DeadlineOf(part) && truth_.board(part).passes;
  if (unseen) {
    ++tallies_.late_on_wire;
  } else {
    Blame(Invariant::kSafeLines, part, "it passed, but the record says " + record.reason);
  }
}

void RealReferee::CheckReason(std::uint64_t part) {
  const PartRecord& record = *seen_[part].record;
  const BoardTruth& board = truth_.board(part);
  const bool at_deadline = record.decided >= truth_.window;
  bool right = false;
  if (IsOfModel(record.reason)) {
    right = record.reason == board.reason && (!record.answered || record.score == board.score);
  } else if (record.reason == "no_frame") {
    right = at_deadline && !record.has_frame;
  } else if (record.reason == "late") {
    right = at_deadline && (record.has_frame || record.recovered);
  } else if (record.reason == "no_slack") {
    right = record.has_frame || record.recovered;
  } else if (record.reason == "restart") {
    right = record.recovered;
  } else if (record.reason == "overrun") {
    right = !truth_.freezes.empty();
  } else if (record.reason == "shutdown" || record.reason == "offline") {
    right = seen_[part].run != nullptr && seen_[part].run->failed;
  } else if (record.reason == "frame_mismatch") {
    // The count of frames is found again at the first part whose frame came in time.
    right = part > 0 && seen_[part - 1].record != nullptr && !seen_[part - 1].record->has_frame;
  }
  if (!right) {
    Blame(Invariant::kRightReason, part,
          record.reason + ", decided " + InMs(record.decided) + " behind the edge, " +
              (record.has_frame ? "with" : "without") + " a frame; the model says " + board.reason);
  }
}

// A part that got no timely answer, whatever the model would have said.
void RealReferee::CountMisses(std::uint64_t part) {
  const PartRecord& record = *seen_[part].record;
  if (record.recovered) return;
  tallies_.misses_recorded += record.answered ? 0 : 1;
  if (!truth_.board(part).passes) return;
  tallies_.good_misses_recorded += record.released ? 0 : 1;
  const bool on_wire =
      seen_[part].stretch != nullptr && seen_[part].stretch->rise.after < DeadlineOf(part);
  tallies_.good_misses_on_wire += on_wire ? 0 : 1;
}

bool RealReferee::SteadyBetween(const WireHistory& wire, const Glance& glance, Stood stood) const {
  return wire.At(glance.before) == stood && wire.At(glance.after) == stood &&
         wire.Of(glance.before) == wire.Of(glance.after);
}

// The wires themselves, read when a part was in the gate, against what the station noted of them.
void RealReferee::CheckGlances() {
  for (std::uint64_t part = 0; part < truth_.glances.size(); ++part) {
    const Glance& glance = truth_.glances[part];
    tallies_.glances_in_place += glance.after < AtGate(part) + truth_.pass_hold / 2 ? 1 : 0;
    const bool surely_on = SteadyBetween(truth_.pass, glance, Stood::kYes) &&
                           SteadyBetween(truth_.relay, glance, Stood::kYes);
    const bool surely_off = SteadyBetween(truth_.pass, glance, Stood::kNo) ||
                            SteadyBetween(truth_.relay, glance, Stood::kNo);
    if (glance.held_back ? surely_off : surely_on) {
      Blame(Invariant::kSafeLines, part,
            glance.held_back ? "PASS stood on the wire, and nobody had set it"
                             : "PASS was off the wire, and nobody had dropped it");
    }
  }
}

// A station that stands still for longer than the relay's patience must find it open.
void RealReferee::CheckFreezes() {
  for (const Freeze& freeze : truth_.freezes) {
    const auto part = static_cast<std::uint64_t>(
        std::max<Duration::rep>(0, (freeze.from - truth_.first_edge) / truth_.period));
    if (freeze.to - freeze.from < truth_.relay_silence) continue;
    if (truth_.relay.At(freeze.to) != Stood::kNo) {
      Blame(Invariant::kSafeLines, part,
            "the station stood still for " + InMs(freeze.to - freeze.from) +
                ", and the watchdog relay did not open");
    }
  }
}

}  // namespace taktgate::sim
