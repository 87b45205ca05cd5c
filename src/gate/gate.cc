// The events. Each settles first what its `now` has reached, does what it is about, and settles
// again what has become possible or impossible by it.
#include "gate/gate.h"

namespace taktgate::gate {

using judge::Reason;
using judge::Verdict;

Gate::Gate(const GateSettings& settings, GateOutputs& outputs)
    : settings_(settings),
      outputs_(outputs),
      lines_(settings, outputs),
      belt_(settings),
      ring_(settings.parts_in_flight),
      pairing_(settings),
      admission_(settings),
      escalation_(settings.escalation, outputs),
      challenge_(settings.challenge_first),
      plc_beat_(settings.plc_beat_within) {}

bool Gate::Take(Command command, TimePoint now) {
  Advance(now);
  if (!states_.Take(command)) return false;
  switch (command) {
    case Command::kInitialize:
      lines_.StartHeart(now);
      break;
    case Command::kStartSingle:
    case Command::kStartContinuous:
      single_part_ = 0;
      if (belt_.reversed()) belt_.Clear();
      plc_beat_.Start(now);
      break;
    case Command::kStop:
    case Command::kFail:
      GoOffline(Reason::kOffline, now);
      break;
    case Command::kReset:
    case Command::kHalt:
      GoOffline(Reason::kShutdown, now);
      lines_.AllSafe();
      break;
    case Command::kPrepare:
    case Command::kChangeRelease:
      break;
  }
  Advance(now);
  return true;
}

void Gate::GoOffline(Reason reason, TimePoint now) {
  RejectAll(reason, now);
  ShowLines(now);
}

bool Gate::ChangeRelease(std::uint32_t number, TimePoint now) {
  if (!Take(Command::kChangeRelease, now)) return false;
  release_ = number;
  return true;
}

bool Gate::StartChallenge(std::uint32_t parts, TimePoint now) {
  Advance(now);
  if (parts == 0 || !states_.online()) return false;
  challenge_.Start(parts);
  RejectAll(Reason::kChallenge, now);  // nobody knows which of these are the known ones
  return true;
}

bool Gate::Acknowledge(std::string_view name, TimePoint now) {
  Advance(now);
  if (name.empty()) return false;
  escalation_.Acknowledge();
  outputs_.Acknowledged(name);
  stopped_ = false;
  Advance(now);
  return true;
}

Reason Gate::WhyNotInspected() const {
  if (states_.state() == State::kHalted) return Reason::kShutdown;
  if (!states_.online() || single_part_ != 0) return Reason::kOffline;
  if (stopped_) return Reason::kLineStopped;
  if (belt_.reversed()) return Reason::kTrackingLost;
  if (plc_beat_.away()) return Reason::kPlcAbsent;
  return Reason::kNone;
}

void Gate::OnTrigger(TimePoint edge_at, TimePoint now, std::uint32_t encoder) {
  Advance(now);
  if (ring_.full()) {
    Part& oldest = ring_.At(ring_.live_from());
    TakeBack(oldest, Reason::kOverrun, now);
    EndSingle(oldest);
    ring_.Retire();
  }
  Part* before = ring_.Find(ring_.next() - 1);
  const bool too_close = belt_.OnEdge(edge_at, encoder);
  if (too_close) {
    ++counts_.double_edges;
    if (before != nullptr) TakeBack(*before, Reason::kDoubleEdge, now);
  }
  Part& part = ring_.Add();
  ++counts_.parts;
  part.place = belt_.PlaceOfLastEdge();
  part.challenge = challenge_.running();
  Decision& decision = part.decision;
  decision.part.boot = settings_.boot;
  decision.release = release_;
  decision.encoder = encoder;
  decision.trigger_at = edge_at;
  decision.deadline = edge_at + settings_.window;
  decision.level_due = belt_.TimeOf(part.place.due);
  const Reason refused = WhyNotInspected();
  if (refused != Reason::kNone) {
    Reject(part, refused, now);
  } else if (too_close) {
    Reject(part, Reason::kDoubleEdge, now);
  }
  if (states_.state() == State::kSingleExecution && single_part_ == 0) {
    single_part_ = decision.part.sequence;
  }
  Advance(now);  // an edge that was reported late may be past its deadline already
}

void Gate::OnEncoder(std::uint32_t count, TimePoint now) {
  const bool was_reversed = belt_.reversed();
  belt_.OnEncoder(count);
  if (belt_.reversed() && !was_reversed) LoseTracking(AlarmKind::kBeltReversed, now);
  Advance(now);
}

void Gate::OnFrame(const FrameSeen& frame, TimePoint now) {
  Advance(now);
  ++counts_.frames;
  const Pairing::Found found = pairing_.Look(frame, ring_);
  if (!found.agreed()) {
    RejectInDoubt(frame, found, now);
  } else {
    pairing_.Anchor(frame, found.by_count);
    TakeFrame(*found.by_count, frame, now);
  }
  Advance(now);
}

void Gate::TakeFrame(Part& part, const FrameSeen& frame, TimePoint now) {
  if (part.stage != Part::Stage::kTriggered) {
    ++counts_.stray_frames;
    outputs_.ReleaseFrame(frame.slot);
    // The first frame behind the decision changes nothing; a second one leaves open which of the
    // two was judged.
    if (part.decision.has_frame) TakeBack(part, Reason::kFrameMismatch, now);
    return;
  }
  Decision& decision = part.decision;
  decision.has_frame = true;
  decision.frame = frame;
  part.stage = Part::Stage::kImaged;
  Reason refused = Reason::kNone;
  if (frame.partial) {
    refused = Reason::kPartialFrame;
  } else if (!admission_.Admit(decision.part, frame.slot, decision.deadline, now)) {
    refused = Reason::kNoSlack;
  }
  if (refused == Reason::kNone) {
    outputs_.StartInference(decision.part, frame.slot);
  } else {
    Reject(part, refused, now);
    outputs_.ReleaseFrame(frame.slot);
  }
}

// Count and time do not name the same part: every part that the frame could belong to is rejected,
// none of them gets it.
void Gate::RejectInDoubt(const FrameSeen& frame, const Pairing::Found& found, TimePoint now) {
  ++counts_.stray_frames;
  outputs_.ReleaseFrame(frame.slot);
  // The next edge is not reported yet. That part will have no frame; the count goes on.
  if (found.overtook) return;
  if (found.by_count != nullptr) {
    const bool stale = frame.captured_at < found.by_count->decision.trigger_at;
    TakeBack(*found.by_count, stale ? Reason::kStaleFrame : Reason::kFrameMismatch, now);
  }
  for (auto sequence = ring_.live_from(); sequence < ring_.next(); ++sequence) {
    Part& part = ring_.At(sequence);
    if (pairing_.Covers(part, frame)) TakeBack(part, Reason::kFrameMismatch, now);
  }
  pairing_.Anchor(frame, found.by_time);
}

void Gate::OnAnswer(PartId id, const Answer& answer, TimePoint now) {
  Advance(now);
  Part* part = ring_.Find(id.sequence);
  const bool open = part != nullptr && !part->decided();
  const auto slot = admission_.Finish(id, open, now);
  if (slot) outputs_.ReleaseFrame(*slot);
  if (!slot || !open) {
    ++counts_.late_answers;
    outputs_.LateAnswer(id, answer);
  } else {
    TakeAnswer(*part, answer, now);
  }
  Advance(now);
}

void Gate::TakeAnswer(Part& part, const Answer& answer, TimePoint now) {
  part.decision.has_answer = true;
  part.decision.answer = answer;
  part.decision.verdict = answer.verdict;
  if (answer.verdict != Verdict::kPass) {
    Reject(part, answer.reason, now);
  } else if (part.challenge || challenge_.blocks()) {
    Reject(part, Reason::kChallenge, now);
  } else {
    part.stage = Part::Stage::kProven;
    part.decision.decided_at = now;
  }
}

void Gate::OnGateSensor(TimePoint now) {
  Advance(now);
  const std::int64_t position = belt_.PositionAt(now);
  // A second sight in one place is another part: the belt has moved, and its position has not.
  bool known = false;
  for (auto sequence = ring_.live_from(); sequence < ring_.next(); ++sequence) {
    Part& part = ring_.At(sequence);
    // The two halves of a double edge are one part on the belt: both are seen.
    if (position < part.place.open || position >= part.place.close) continue;
    known = known || !part.seen;
    part.seen = true;
  }
  if (!known) LoseTracking(AlarmKind::kTrackingLost, now);
  Advance(now);
}

void Gate::OnBinSensor(TimePoint now) {
  Advance(now);
  Part* fallen = nullptr;
  for (auto sequence = ring_.live_from(); sequence < ring_.next() && !fallen; ++sequence) {
    Part& part = ring_.At(sequence);
    const bool ejected = part.decided() && (!part.decision.released || part.cut_short);
    const bool may_fall = ejected && !part.in_bin;
    if (may_fall && belt_.PositionAt(now) >= part.place.open) fallen = &part;
  }
  if (fallen != nullptr) {
    fallen->in_bin = true;
  } else {
    ++counts_.bin_disagreements;  // one that was released, or one nobody knows
    escalation_.OnBinDisagreement(pass_owner_);
  }
  Advance(now);
}

// The number must come while exactly one part can be meant: the only one before its deadline that
// has none.
void Gate::OnPlcPart(std::uint32_t number, TimePoint now) {
  Advance(now);
  Part* meant = nullptr;
  int candidates = 0;
  for (auto sequence = ring_.live_from(); sequence < ring_.next(); ++sequence) {
    Part& part = ring_.At(sequence);
    if (part.decision.has_plc_part || now >= part.decision.deadline) continue;
    meant = &part;
    ++candidates;
  }
  if (candidates == 1) {
    meant->decision.has_plc_part = true;
    meant->decision.plc_part = number;
  } else {
    ++counts_.plc_mismatches;
    RejectAll(Reason::kPlcMismatch, now);
  }
  Advance(now);
}

void Gate::OnPlcBeat(bool level, TimePoint now) {
  Advance(now);
  plc_beat_.OnLevel(level, now);
  Advance(now);
}

void Gate::OnTime(TimePoint now) { Advance(now); }

}  // namespace taktgate::gate
