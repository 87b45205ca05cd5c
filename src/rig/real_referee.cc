#include "rig/real_referee.h"

#include <algorithm>
#include <utility>

namespace taktgate::rig {
namespace {

constexpr Duration kOneShotSlack = std::chrono::milliseconds(1);
constexpr Duration kSameEdge = std::chrono::milliseconds(1);

}  // namespace

RealReferee::RealReferee(const RealTruth& truth, const RecordedLine& records)
    : truth_(truth), seen_(truth.parts()) {
  AssignRuns();
  AssignRecords(records);
  CheckIds(records);
  CheckLateAnswers(records);
  AssignReleases();
  CheckOrders(records);
  CheckReleases(ReleaseHistory(truth_.releases[0].id, records.orders));
  CheckCutOff();
  AssignStretches();
  for (std::uint64_t part = 0; part < truth_.parts(); ++part) JudgePart(part);
  if (tallies_.good_misses_recorded != tallies_.good_misses_on_wire) {
    Blame(sim::Invariant::kReconciled, 0, "misses of good boards differ between records and wire");
  }
  if (truth_.misses_reported && *truth_.misses_reported != tallies_.misses_recorded) {
    Blame(sim::Invariant::kReconciled, 0, "the station counts other misses than it recorded");
  }
  CheckReadings();
  CheckFreezes();
}

void RealReferee::Blame(sim::Invariant invariant, std::uint64_t part, const std::string& what) {
  if (!findings_.Count(invariant)) return;
  std::string words = std::string(sim::NameOf(invariant)) + ": part " + std::to_string(part);
  if (part < truth_.parts()) {
    words += " (a " + std::string(Board(part).passes ? "good" : "bad") + " board, edge at " +
             std::to_string(truth_.EdgeOf(part).time_since_epoch().count()) + " ns)";
  }
  findings_.SetWords(words + ": " + what);
}

// Two inputs see the same edge at nearly the same time.
std::optional<std::uint64_t> RealReferee::WitnessedAt(TimePoint edge) const {
  const auto after = std::lower_bound(truth_.edges.begin(), truth_.edges.end(), edge - kSameEdge);
  if (after == truth_.edges.end() || *after > edge + kSameEdge) return std::nullopt;
  return static_cast<std::uint64_t>(after - truth_.edges.begin());
}

std::optional<std::uint64_t> RealReferee::PartAt(TimePoint edge) const {
  if (!truth_.edges.empty()) return WitnessedAt(edge);
  const Duration since = edge - truth_.first_edge;
  if (since < Duration(0) || since % truth_.period != Duration(0)) return std::nullopt;
  const auto part = static_cast<std::uint64_t>(since / truth_.period);
  return part < truth_.parts() ? std::optional(part) : std::nullopt;
}

TimePoint RealReferee::AtGate(std::uint64_t part) const {
  return truth_.belt_history.KnownAt(truth_.EdgeOf(part) + truth_.belt.at_gate());
}

TimePoint RealReferee::DueOf(std::uint64_t part) const {
  const bool by_count = truth_.belt.mode == gate::BeltMode::kByCount;
  return truth_.belt_history.KnownAt(truth_.EdgeOf(part) +
                                     (by_count ? truth_.belt.close : truth_.belt.due));
}

void RealReferee::AssignRuns() {
  for (const RunTruth& run : truth_.runs) {
    for (auto part = run.first_edge; part < std::min(run.taken_edges, truth_.parts()); ++part) {
      if (seen_[part].run != nullptr)
        Blame(sim::Invariant::kReconciled, part, "two runs took its edge");
      seen_[part].run = &run;
    }
  }
}

void RealReferee::AssignRecords(const RecordedLine& records) {
  for (const PartRecord& record : records.parts) {
    const auto part = PartAt(record.trigger_at);
    if (!part) {
      Blame(sim::Invariant::kReconciled, truth_.parts(), "a record of a part that was never there");
    } else if (seen_[*part].record != nullptr) {
      Blame(sim::Invariant::kOneDecision, *part, "two decisions");
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
      Blame(sim::Invariant::kReconciled, truth_.parts(),
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
      Blame(sim::Invariant::kReconciled, truth_.parts(),
            "a late answer about a part without decision");
    } else if (seen_[found->second].record->answered) {
      Blame(sim::Invariant::kOneDecision, found->second, "an answer in time and a late one");
    }
  }
}

// The one-shot's time names the part that PASS was meant for; where it is not known, the place that
// PASS rose in.
std::optional<std::uint64_t> RealReferee::PartOf(const Stretch& stretch) const {
  if (!truth_.edges.empty()) {
    const auto after = std::upper_bound(truth_.edges.begin(), truth_.edges.end(),
                                        stretch.rise.after - truth_.belt.open);
    if (after == truth_.edges.begin()) return std::nullopt;
    return static_cast<std::uint64_t>(after - truth_.edges.begin()) - 1;
  }
  if (truth_.belt.mode != gate::BeltMode::kByCount) {
    return PartAt(stretch.rise.until - truth_.belt.close);
  }
  const TimePoint belt_at = truth_.belt_history.PlannedAt(stretch.rise.after);
  if (belt_at == TimePoint::min()) return std::nullopt;
  const Duration since = belt_at - truth_.belt.open - truth_.first_edge;
  if (since < Duration(0)) return std::nullopt;
  return PartAt(truth_.EdgeOf(static_cast<std::uint64_t>(since / truth_.period)));
}

void RealReferee::AssignStretches() {
  for (const Stretch& stretch : truth_.pass.stretches()) {
    const auto part = PartOf(stretch);
    if (!part || seen_[*part].stretch != nullptr) {
      Blame(sim::Invariant::kSafeLines, part.value_or(truth_.parts()),
            part ? "PASS rose twice for it" : "PASS rose for a part that was never there");
      continue;
    }
    seen_[*part].stretch = &stretch;
    const bool by_wire = stretch.rise.until != TimePoint::max() &&
                         (!stretch.fell || stretch.fall.after > stretch.rise.until + kOneShotSlack);
    tallies_.one_shots += by_wire ? 1 : 0;
    if (stretch.rise.before >= DueOf(*part)) {
      ++tallies_.passes_after_deadline;
      Blame(sim::Invariant::kInTime, *part, "PASS rose after the deadline");
    }
    if (truth_.belt_history.PlannedAt(stretch.rise.after) <
        truth_.EdgeOf(*part) + truth_.belt.open) {
      Blame(sim::Invariant::kSafeLines, *part, "PASS rose before its place in the gate");
    }
  }
  if (truth_.pass.contradictions() != 0) {
    Blame(sim::Invariant::kReconciled, truth_.parts(),
          "changes of PASS are missing in the history");
  }
}

bool RealReferee::SteadyBetween(const WireHistory& wire, const WireReading& reading,
                                Stood stood) const {
  return wire.At(reading.before) == stood && wire.At(reading.after) == stood &&
         wire.Of(reading.before) == wire.Of(reading.after);
}

// The wires themselves, read when a part was in the gate, against what the station noted of them.
void RealReferee::CheckReadings() {
  for (std::uint64_t part = 0; part < truth_.readings.size(); ++part) {
    const WireReading& reading = truth_.readings[part];
    tallies_.readings_in_place += reading.after < truth_.EdgeOf(part) + truth_.belt.close ? 1 : 0;
    const bool surely_on = SteadyBetween(truth_.pass, reading, Stood::kYes) &&
                           SteadyBetween(truth_.relay, reading, Stood::kYes);
    const bool surely_off = SteadyBetween(truth_.pass, reading, Stood::kNo) ||
                            SteadyBetween(truth_.relay, reading, Stood::kNo);
    if (reading.held_back ? surely_off : surely_on) {
      Blame(sim::Invariant::kSafeLines, part,
            reading.held_back ? "PASS stood on the wire, and nobody had set it"
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
      Blame(sim::Invariant::kSafeLines, part,
            "the station stood still, and the watchdog relay did not open");
    }
  }
}

}  // namespace taktgate::rig
