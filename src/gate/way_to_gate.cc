// What time and belt bring about: answers that are due, the place in the gate, PASS on and off the
// wire, the reject bin, alarms.
#include <algorithm>

#include "gate/gate.h"

namespace taktgate::gate {

using judge::Reason;

void Gate::Advance(TimePoint now) {
  if (PassIsOver(now)) EndPass(now);
  for (auto sequence = ring_.live_from(); sequence < ring_.next(); ++sequence) {
    Step(ring_.At(sequence), now);
  }
  while (ring_.live_from() < ring_.next() && ring_.At(ring_.live_from()).checked) ring_.Retire();
  if (const auto away = admission_.PollAway(now)) {
    escalation_.Raise(AlarmKind::kInferenceAway, Severity::kStop, *away);
    states_.Apply(Command::kFail);
    RejectAll(Reason::kOffline, now);
    outputs_.InferenceFault(*away);
  }
  if (plc_beat_.PollSilence(now) && states_.online()) {
    escalation_.Raise(AlarmKind::kPlcSilent, Severity::kAmber,
                      PartId{settings_.boot, ring_.next() - 1});
    RejectAll(Reason::kPlcAbsent, now);
  }
  lines_.OnTime(now);
  ShowLines(now);
}

// Something that rejects all parts is due at this very moment: PASS must not rise first.
bool Gate::StopIsDue(TimePoint now) const {
  return admission_.NextTimer() <= now || plc_beat_.NextTimer() <= now;
}

// Takes one part as far as it can go; the oldest part first.
void Gate::Step(Part& part, TimePoint now) {
  const std::int64_t position = belt_.PositionAt(now);
  const bool proven = part.stage == Part::Stage::kProven;
  if (!part.decided() && !proven &&
      (now >= part.decision.answer_due || position >= part.place.due)) {
    Reject(part, part.decision.has_frame ? Reason::kLate : Reason::kNoFrame, now);
  } else if (proven && !Named(part) && now >= part.decision.answer_due) {
    Reject(part, Reason::kPlcAbsent, now);
  } else if (proven && position >= part.place.due) {
    Reject(part, Reason::kGateMissed, now);
  } else if (proven && Named(part) && position >= part.place.open && belt_.KnownAt(now) &&
             !StopIsDue(now)) {
    Release(part, now);
  }
  if (!part.decided()) return;
  if (!part.presented && position >= part.place.open) Present(part, now);
  if (!part.closed && position >= part.place.close) Close(part, now);
  if (part.closed && !part.checked) AskBin(part, now);
}

// VALID is for the part that is in the gate: none for one that is past it, or may be by now.
void Gate::Present(Part& part, TimePoint now) {
  const bool past = belt_.PositionAt(now) >= part.place.close;
  const TimePoint latest = belt_.InPlaceUntil(part.place);
  if (!past && (!belt_.KnownAt(now) || now >= latest)) return;
  part.presented = true;
  if (!past) lines_.Strobe(now, latest);
}

// The part is through the gate.
void Gate::Close(Part& part, TimePoint now) {
  part.closed = true;
  part.closed_at = now;
  if (settings_.gate_sensor && !part.seen) LoseTracking(AlarmKind::kTrackingLost, now);
  EndSingle(part);
}

// The one part of a SingleExecution has left; in another state the command is refused.
void Gate::EndSingle(const Part& part) {
  if (part.decision.part.sequence == single_part_) states_.Apply(Command::kStop);
}

void Gate::AskBin(Part& part, TimePoint now) {
  if (settings_.bin_within == Duration(0)) {
    part.checked = true;
  } else if (part.in_bin) {
    BinSaid(part, Verified::kAgreed);
  } else if (now >= part.closed_at + settings_.bin_within) {
    BinSaid(part, part.decision.released ? Verified::kAgreed : Verified::kDisagreed);
  }
}

void Gate::BinSaid(Part& part, Verified verified) {
  part.checked = true;
  outputs_.BinSaid(part.decision.part, verified);
  if (verified != Verified::kDisagreed) return;
  ++counts_.bin_disagreements;
  escalation_.OnBinDisagreement(part.decision.part);
}

void Gate::Release(Part& part, TimePoint now) {
  // A line stop at the same moment is shown only after this step. The belt's spacing rules out that
  // PASS is on for another part; this is checked anyway.
  if (lines_.passing() || escalation_.severity() == Severity::kStop) {
    Reject(part, Reason::kLineStopped, now);
    return;
  }
  // By count all times are those of the count, which may already be a little old.
  const TimePoint limit = settings_.belt.mode == BeltMode::kByCount
                              ? belt_.KnownFrom(now) + settings_.belt.longest_pass
                              : belt_.TimeOf(part.place.close);
  outputs_.WillPass(part.decision.part);
  if (!lines_.Pass(std::min(part.decision.level_due, belt_.KnownUntil()), limit)) {
    Reject(part, Reason::kLate, now);
    return;
  }
  pass_owner_ = part.decision.part;
  pass_place_ = part.place;
  pass_limit_ = limit;
  Decide(part, true, Reason::kNone, now);
}

void Gate::Reject(Part& part, Reason reason, TimePoint now) {
  if (admission_.Runs(part.decision.part)) outputs_.TerminateInference(part.decision.part);
  part.decision.decided_at = now;
  Decide(part, false, reason, now);
}

// A part in doubt: no PASS for it, whether it is decided or not.
void Gate::Revoke(Part& part, Reason reason, TimePoint now) {
  if (!part.decided()) Reject(part, reason, now);
  if (lines_.passing() && pass_owner_ == part.decision.part) EndPass(now);
}

void Gate::Decide(Part& part, bool released, Reason reason, TimePoint now) {
  part.stage = Part::Stage::kDecided;
  part.decision.released = released;
  part.decision.reason = reason;
  ++(released ? counts_.released : counts_.rejected);
  outputs_.Decided(part.decision);
  if (!part.challenge) {
    escalation_.OnDecision(part.decision);
  } else if (challenge_.OnDecision(part.decision, now)) {
    escalation_.Raise(AlarmKind::kChallengeMissed, Severity::kStop, part.decision.part);
  }
}

void Gate::RejectAll(Reason reason, TimePoint now) {
  if (lines_.passing()) EndPass(now);
  for (auto sequence = ring_.live_from(); sequence < ring_.next(); ++sequence) {
    if (!ring_.At(sequence).decided()) Reject(ring_.At(sequence), reason, now);
  }
}

void Gate::LoseTracking(AlarmKind kind, TimePoint now) {
  ++counts_.tracking_lost;
  escalation_.Raise(kind, Severity::kAmber, PartId{settings_.boot, ring_.next() - 1});
  RejectAll(Reason::kTrackingLost, now);
}

// Past the gate, or back out of it, or on the wire for so long that the encoder must be dead.
bool Gate::PassIsOver(TimePoint now) const {
  if (!lines_.passing()) return false;
  const std::int64_t position = belt_.PositionAt(now);
  return position >= pass_place_.close || position < pass_place_.open || now >= pass_limit_;
}

void Gate::EndPass(TimePoint now) {
  lines_.DropPass();
  if (belt_.PositionAt(now) >= pass_place_.close) return;
  ++counts_.passes_cut_short;
  if (Part* owner = ring_.Find(pass_owner_.sequence)) owner->cut_short = true;
  outputs_.PassCutShort(pass_owner_);
}

void Gate::ShowLines(TimePoint now) {
  if (!stopped_ && escalation_.severity() == Severity::kStop) {
    stopped_ = true;
    RejectAll(Reason::kLineStopped, now);
  }
  if (states_.state() != State::kHalted) lines_.Show(states_.online(), escalation_.severity());
}

TimePoint Gate::NextTimerOf(const Part& part) const {
  if (part.closed) return part.closed_at + settings_.bin_within;
  if (part.decided()) return belt_.TimeOf(part.presented ? part.place.close : part.place.open);
  if (part.stage == Part::Stage::kProven && Named(part)) return belt_.TimeOf(part.place.open);
  return part.decision.answer_due;
}

TimePoint Gate::NextTimer() const {
  TimePoint next = std::min({lines_.NextTimer(), admission_.NextTimer(), plc_beat_.NextTimer()});
  if (lines_.passing()) next = std::min({next, pass_limit_, belt_.TimeOf(pass_place_.close)});
  for (auto sequence = ring_.live_from(); sequence < ring_.next(); ++sequence) {
    next = std::min(next, NextTimerOf(ring_.At(sequence)));
  }
  return next;
}

}  // namespace taktgate::gate
