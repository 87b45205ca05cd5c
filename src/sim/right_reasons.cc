// What comes out of the gate: is it right, by the facts?
#include <algorithm>
#include <cstdio>

#include "sim/referee.h"

namespace taktgate::sim {

using gate::AlarmKind;
using gate::Line;
using judge::Reason;

void Referee::Decided(const gate::Decision& decision) {
  ++tallies_.decisions;
  EdgeFacts* edge = FindHere(decision.part.sequence);
  if (edge == nullptr) {
    Must(false, Invariant::kOneDecision, "a decision about a part that never was");
    return;
  }
  if (edge->decided) {
    Break(Invariant::kOneDecision, edge, "decided twice");
    return;
  }
  edge->output_late = output_was_late_;
  output_was_late_ = false;
  if (decision.released != (decision.reason == Reason::kNone)) {
    Break(Invariant::kRightReason, edge, "level and reason contradict each other");
  }
  if (decision.release != edge->release) {
    Break(Invariant::kRightCommand, edge, "decided under a release that was not in force");
  }
  if (decision.released) {
    CheckReleased(*edge, decision);
  } else {
    CheckRejected(*edge, decision.reason);
  }
  if (running_edge_ == edge->sequence && stopped_edge_ != edge->sequence) {
    Break(Invariant::kInTime, edge, "decided, and its run goes on");
  }
  edge->decided = true;
  edge->released = decision.released;
  if (decision.released) pass_owner_ = edge->sequence;
  CountDecision(*edge, decision);
}

void Referee::CheckReleased(const EdgeFacts& edge, const gate::Decision& decision) {
  const bool right_number =
      !settings_.gate.plc_names_parts ||
      (edge.named && decision.plc_part == edge.number && edge.number_part == edge.line_part);
  if (!edge.has_frame || edge.partial || !edge.shown || !edge.proven() || edge.in_doubt ||
      edge.line_part == 0 || !right_number) {
    Break(Invariant::kOnlyProven, &edge,
          "released without a timely pass about a whole frame of this very part");
  }
  const bool refused = edge.refused != Reason::kNone || WhyRefused() != Reason::kNone;
  if (refused || edge.challenge || challenge_blocks_ || edge.too_close || edge.overrun) {
    Break(Invariant::kRightReason, &edge, "released, though it had to be rejected");
  }
  const std::int64_t position = PositionNow();
  if (position < edge.open || position >= edge.due || decision.decided_at >= edge.answer_due) {
    Break(Invariant::kInTime, &edge, "released away from its place, or after its answer was due");
  }
  if (!PositionIsFresh()) {
    Break(Invariant::kInTime, &edge, "released by a position that proves nothing any more");
  }
}

void Referee::CheckRejected(const EdgeFacts& edge, Reason reason) {
  if (!IsRight(edge, reason)) {
    Break(Invariant::kRightReason, &edge,
          "rejected as " + std::string(judge::ToString(reason)) + ", for which there is no cause");
  }
}

bool Referee::IsRight(const EdgeFacts& edge, Reason reason) const {
  switch (reason) {
    case Reason::kDefect:
    case Reason::kLowConfidence:
    case Reason::kModelError:
    case Reason::kImageUnhealthy:
    case Reason::kNotAligned:
      return edge.timely && edge.verdict != judge::Verdict::kPass && edge.answer_reason == reason;
    case Reason::kNoFrame:
      return !edge.has_frame && TimeIsUp(edge);
    case Reason::kPartialFrame:
      return edge.partial;
    case Reason::kStaleFrame:
      return edge.in_doubt && edge.stale;
    case Reason::kFrameMismatch:
      return edge.in_doubt;
    case Reason::kNoSlack:
      return edge.no_slack && !edge.partial;
    case Reason::kLate:
      return edge.output_late || (edge.has_frame && !edge.timely && TimeIsUp(edge));
    case Reason::kDoubleEdge:
      return edge.too_close;
    case Reason::kOverrun:
      return edge.overrun;
    case Reason::kGateMissed:
      return edge.proven() && PositionNow() >= edge.due &&
             std::max(asleep_until_, signals_held_until_) > edge.told_at;
    case Reason::kTrackingLost:
      return tracking_lost_ || Reversed() || edge.lost;
    case Reason::kPlcAbsent:
      return BeatAway() || (settings_.gate.plc_names_parts && !edge.named && edge.proven() &&
                            now_ >= edge.answer_due);
    case Reason::kPlcMismatch:
      return number_in_doubt_;
    case Reason::kOffline:
      return !online_ || inference_away_;
    case Reason::kLineStopped:
      return stop_pending_;
    case Reason::kChallenge:
      return challenge_starts_ || (edge.proven() && (edge.challenge || challenge_blocks_));
    case Reason::kShutdown:
      return halted_;
    case Reason::kNone:
    case Reason::kRestart:
      return false;
  }
  return false;
}

void Referee::CountDecision(const EdgeFacts& edge, const gate::Decision& decision) {
  tallies_.released += decision.released ? 1U : 0U;
  ++tallies_.reasons[static_cast<std::size_t>(decision.reason)];
  if (decision.reason == Reason::kLate) tallies_.last_late_part = edge.line_part;
  const auto mix = [this](std::uint64_t value) {
    tallies_.digest = (tallies_.digest ^ value) * 0x100000001b3U;
  };
  mix(decision.part.boot);
  mix(decision.part.sequence);
  mix(static_cast<std::uint64_t>(decision.reason));
  mix(static_cast<std::uint64_t>(decision.decided_at.time_since_epoch().count()));
  if (edge.challenge) {
    CountChallenge(edge, decision);
  } else {
    alarms_.OnDecision(decision);
  }
}

void Referee::CountChallenge(const EdgeFacts& edge, const gate::Decision& decision) {
  if (!challenge_runs_ || !edge.timely || decision.reason == Reason::kModelError) return;
  if (edge.verdict == judge::Verdict::kPass) {
    challenge_runs_ = false;
    challenge_missed_ = true;
  } else if (--challenge_left_ == 0) {
    challenge_runs_ = challenge_blocks_ = false;
  }
}

void Referee::LineSet(Line line, bool energised, bool in_time) {
  const auto has = [this](Line which) { return levels_[static_cast<std::size_t>(which)]; };
  if (line == Line::kPass && has(Line::kValid)) {
    Must(false, Invariant::kSafeLines, "PASS changed while VALID stood");
  }
  levels_[static_cast<std::size_t>(line)] = energised;
  if (line != Line::kPass && line != Line::kReady) return;
  Must(has(Line::kReady) || !has(Line::kPass), Invariant::kSafeLines, "PASS without READY");
  if (line == Line::kPass && energised) {
    pass_since_ = by_count_ ? position_at_ : now_;
    output_was_late_ = !in_time;
    Must(online_ && !stop_pending_, Invariant::kSafeLines, "PASS while offline or stopped");
  }
}

void Referee::Started(gate::PartId part, const SoftFrame& frame, bool busy) {
  Must(!busy && running_edge_ == 0, Invariant::kInTime, "a backlog above one");
  EdgeFacts* edge = FindHere(part.sequence);
  if (edge == nullptr || edge->decided) {
    Must(false, Invariant::kOnlyProven, "the model was started for a part that is decided");
    return;
  }
  running_edge_ = part.sequence;
  edge->runs = true;
  edge->run_started = now_;
  edge->shown = frame.line_part == edge->line_part && frame.line_part != 0 && !frame.partial &&
                Covers(*edge, frame.captured_at);
  if (edge->answer_due - now_ <= reserve_) {
    Break(Invariant::kInTime, edge, "the model was started without slack");
  }
}

void Referee::Late(gate::PartId part) {
  const EdgeFacts* edge = Find(part.sequence);
  if (edge != nullptr && !edge->decided) {
    Break(Invariant::kOneDecision, edge, "an answer was called late before the decision");
  }
}

void Referee::CutShort(gate::PartId part) {
  ++tallies_.cut_short;
  EdgeFacts* edge = FindHere(part.sequence);
  if (edge == nullptr || !edge->released) {
    Must(false, Invariant::kSafeLines, "a PASS was cut short that was never given");
    return;
  }
  edge->cut_short = true;
  BinInDoubt(now_);  // it may have been past the ejector already
  if (!MayBeCut(*edge)) Break(Invariant::kNothingLost, edge, "PASS was cut short without a cause");
}

bool Referee::MayBeCut(const EdgeFacts& edge) const {
  const bool expired = by_count_ && now_ >= pass_since_ + settings_.gate.belt.longest_pass;
  return edge.in_doubt || edge.too_close || edge.overrun || tracking_lost_ || number_in_doubt_ ||
         challenge_starts_ || inference_away_ || expired || PositionNow() < edge.open ||
         WhyRefused() != Reason::kNone;
}

void Referee::Raised(const gate::Alarm& alarm) {
  ++tallies_.alarms;
  if (alarm.severity == gate::Severity::kStop) {
    tallies_.line_stops += stop_pending_ ? 0U : 1U;
    stop_pending_ = true;
  }
  if (AlarmWatch::Counts(alarm.kind)) {
    if (!alarms_.OnRaised(alarm)) BreakAlarm(alarm, "raised at the wrong count");
    return;
  }
  if (!HasCause(alarm.kind)) BreakAlarm(alarm, "raised without a cause");
  if (alarm.kind == AlarmKind::kChallengeMissed) challenge_missed_ = false;
  if (alarm.kind == AlarmKind::kInferenceAway) inference_away_ = true;
}

// Of an alarm that no count of decisions causes.
bool Referee::HasCause(AlarmKind kind) const {
  switch (kind) {
    case AlarmKind::kBinDisagrees:
      return now_ <= bin_in_doubt_until_;
    case AlarmKind::kTrackingLost:
      return tracking_lost_;
    case AlarmKind::kBeltReversed:
      return Reversed();
    case AlarmKind::kChallengeMissed:
      return challenge_missed_;
    case AlarmKind::kPlcSilent:
      return BeatAway();
    case AlarmKind::kInferenceAway: {
      const EdgeFacts* edge = Find(running_edge_);
      return edge == nullptr || now_ - edge->run_started >= settings_.gate.fault_after;
    }
    case AlarmKind::kRejectsInARow:
    case AlarmKind::kRejectRate:
    case AlarmKind::kFaultsInARow:
    case AlarmKind::kDeadlineMisses:
      break;
  }
  return false;
}

void Referee::BreakAlarm(const gate::Alarm& alarm, const char* words) {
  Break(Invariant::kExactAlarms, Find(alarm.part.sequence),
        "alarm " + std::string(gate::ToString(alarm.kind)) + " " +
            std::string(gate::ToString(alarm.severity)) + " " + words);
}

void Referee::EnteredGate(std::uint64_t sequence) {
  if (settings_.gate.belt.mode == gate::BeltMode::kAtCamera) return;  // due in this very moment
  const EdgeFacts* edge = Find(sequence);
  if (edge == nullptr || edge->decided || disturbed_until_ >= edge->told_at) return;
  Break(Invariant::kInTime, edge, "in the gate without a decision");
}

void Referee::Judged(std::uint64_t line_part, std::uint64_t sequence, bool passed) {
  const EdgeFacts* edge = Find(sequence);
  if (passed && (edge == nullptr || !edge->released)) {
    Break(Invariant::kSafeLines, edge,
          "line part " + std::to_string(line_part) + " went past the ejector unreleased");
  }
  if (passed || edge == nullptr || !edge->released || edge->cut_short) return;
  if (disturbed_until_ < edge->told_at) {
    Break(Invariant::kNothingLost, edge, "released, but ejected");
  }
}

void Referee::Must(bool holds, Invariant invariant, const char* words) {
  if (!holds) Break(invariant, nullptr, words);
}

void Referee::Break(Invariant invariant, const EdgeFacts* edge, const std::string& words) {
  if (!findings_.Count(invariant)) return;
  char at[64];
  std::snprintf(at, sizeof at,
                "at %.6f s: ", static_cast<double>(now_.time_since_epoch().count()) / 1e9);
  findings_.SetWords(std::string(NameOf(invariant)) + " " + at + words +
                     (edge != nullptr ? "\n  " + Tell(*edge) : ""));
}

std::string Referee::Tell(const EdgeFacts& edge) const {
  const auto after_edge = [&](TimePoint time) {
    return static_cast<double>((time - edge.stamp).count()) / 1e6;
  };
  char text[400];
  std::snprintf(text, sizeof text,
                "edge %llu (line part %llu), now %.4f ms after it; place %lld to %lld, belt at "
                "%lld; answer due %.4f ms;",
                static_cast<unsigned long long>(edge.sequence),
                static_cast<unsigned long long>(edge.line_part), after_edge(now_),
                static_cast<long long>(edge.open), static_cast<long long>(edge.close),
                static_cast<long long>(PositionNow()), after_edge(edge.answer_due));
  std::string words = text;
  const auto add = [&words](bool is, const char* what) {
    if (is) words += std::string(" ") + what + ",";
  };
  add(edge.refused != Reason::kNone, "not inspected");
  add(edge.too_close, "double edge");
  add(!edge.has_frame, "no frame");
  add(edge.partial, "partial frame");
  add(edge.in_doubt, "frame in doubt");
  add(edge.no_slack, "no slack");
  add(edge.runs && !edge.shown, "judged by a frame of another part");
  add(edge.runs && !edge.answered, "no answer in time");
  add(edge.proven(), "proven good");
  add(edge.timely && !edge.proven(), "not good, says the model");
  add(edge.challenge, "challenge part");
  add(edge.overrun, "ring full");
  add(edge.decided, edge.released ? "released" : "rejected");
  add(edge.cut_short, "PASS cut short");
  if (words.back() == ',') words.back() = '.';
  return words;
}

}  // namespace taktgate::sim
