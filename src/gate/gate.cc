// The events. Each first settles what is due by its `now`, then does its own work, then settles
// what has become possible or impossible by it.
#include "gate/gate.h"

#include <algorithm>
#include <variant>

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

bool Gate::On(const event::Input& input) {
  return std::visit([this](const auto& event) { return Receive(event); }, input);
}

bool Gate::Receive(const event::Command& event) {
  const TimePoint now = event.now;
  Advance(now);
  if (!states_.Apply(event.command)) return false;
  switch (event.command) {
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
      RejectAll(Reason::kOffline, now);
      break;
    case Command::kReset:
    case Command::kHalt:
      RejectAll(Reason::kShutdown, now);
      lines_.AllSafe();
      break;
    case Command::kPrepare:
    case Command::kChangeRelease:
      break;
  }
  Advance(now);
  return true;
}

bool Gate::Receive(const event::ChangeRelease& event) {
  if (!Receive(event::Command{Command::kChangeRelease, event.at, event.now})) return false;
  release_ = event.number;
  admission_.ChangeModel(event.reserve);
  return true;
}

bool Gate::Receive(const event::StartChallenge& event) {
  Advance(event.now);
  if (event.parts == 0 || !states_.online()) return false;
  challenge_.Start(event.parts);
  RejectAll(Reason::kChallenge,
            event.now);  // it is not known which of these are the known-bad ones
  return true;
}

bool Gate::Receive(const event::Acknowledge& event) {
  Advance(event.now);
  if (event.name.size == 0) return false;
  escalation_.Acknowledge();
  outputs_.Acknowledged(event.name.view());
  stopped_ = false;
  Advance(event.now);
  return true;
}

Reason Gate::WhyNotInspected() const {
  if (states_.state() == State::kHalted) return Reason::kShutdown;
  if (!states_.online() || single_part_ != 0) return Reason::kOffline;
  if (stopped_) return Reason::kLineStopped;
  if (belt_.reversed() || !belt_.LastEdgeIsAlone()) return Reason::kTrackingLost;
  if (plc_beat_.away()) return Reason::kPlcAbsent;
  return Reason::kNone;
}

bool Gate::Receive(const event::Trigger& event) {
  const TimePoint now = event.now;
  Advance(now);
  if (ring_.full()) {
    Part& oldest = ring_.At(ring_.live_from());
    Revoke(oldest, Reason::kOverrun, now);
    EndSingle(oldest);
    ring_.Retire();
  }
  Part* before = ring_.Find(ring_.next() - 1);
  const bool too_close = belt_.OnEdge(event.at, event.encoder, now);
  if (too_close) {
    ++counts_.double_edges;
    if (before != nullptr) Revoke(*before, Reason::kDoubleEdge, now);
  }
  Part& part = ring_.Add();
  ++counts_.parts;
  part.place = belt_.PlaceOfLastEdge();
  part.challenge = challenge_.running();
  Decision& decision = part.decision;
  decision.part.boot = settings_.boot;
  decision.release = release_;
  decision.encoder = event.encoder;
  decision.trigger_at = event.at;
  decision.answer_due = event.at + settings_.window;
  decision.level_due = belt_.TimeOf(part.place.due);
  const Reason refused = WhyNotInspected();
  if (refused != Reason::kNone) {
    admission_.PassBy();
    Reject(part, refused, now);
  } else if (too_close) {
    Reject(part, Reason::kDoubleEdge, now);
  }
  if (states_.state() == State::kSingleExecution && single_part_ == 0) {
    single_part_ = decision.part.sequence;
  }
  Advance(now);  // an edge that was reported late may come after its answer was due
  return true;
}

bool Gate::Receive(const event::Encoder& event) {
  const bool was_reversed = belt_.reversed();
  belt_.OnEncoder(event.count, event.at, event.now);
  if (belt_.reversed() && !was_reversed) LoseTracking(AlarmKind::kBeltReversed, event.now);
  Advance(event.now);
  return true;
}

bool Gate::Receive(const event::Frame& event) {
  const FrameSeen& frame = event.frame;
  const TimePoint now = event.now;
  Advance(now);
  ++counts_.frames;
  const Pairing::Found found = pairing_.Look(frame, ring_);
  if (!found.agreed()) {
    RejectInDoubt(frame, found, now);
  } else {
    pairing_.Anchor(frame, found.by_count);
    ReceiveFrame(*found.by_count, frame, now);
  }
  Advance(now);
  return true;
}

void Gate::ReceiveFrame(Part& part, const FrameSeen& frame, TimePoint now) {
  if (part.stage != Part::Stage::kTriggered) {
    ++counts_.stray_frames;
    outputs_.ReleaseFrame(frame.slot);
    // The first frame after the decision changes nothing; a second one leaves open which of the
    // two was judged.
    if (part.decision.has_frame) Revoke(part, Reason::kFrameMismatch, now);
    return;
  }
  Decision& decision = part.decision;
  decision.has_frame = true;
  decision.frame = frame;
  part.stage = Part::Stage::kImaged;
  Reason refused = Reason::kNone;
  if (frame.partial) {
    refused = Reason::kPartialFrame;
  } else if (!admission_.Admit(decision.part, frame.slot, decision.answer_due, now)) {
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
    Revoke(*found.by_count, stale ? Reason::kStaleFrame : Reason::kFrameMismatch, now);
  }
  for (auto sequence = ring_.live_from(); sequence < ring_.next(); ++sequence) {
    Part& part = ring_.At(sequence);
    if (pairing_.Covers(part, frame)) Revoke(part, Reason::kFrameMismatch, now);
  }
  pairing_.Anchor(frame, found.by_time);
}

bool Gate::Receive(const event::Answered& event) {
  const TimePoint now = event.now;
  Advance(now);
  Part* part = ring_.Find(event.part.sequence);
  const bool open = part != nullptr && !part->decided();
  const auto slot = admission_.Finish(event.part, open, now);
  if (slot) outputs_.ReleaseFrame(*slot);
  if (!slot || !open) {
    ++counts_.late_answers;
    outputs_.LateAnswer(event.part, event.answer);
  } else {
    ReceiveAnswer(*part, event.answer, now);
  }
  Advance(now);
  return true;
}

void Gate::ReceiveAnswer(Part& part, const Answer& answer, TimePoint now) {
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

// Which part it was follows from where the belt was when the sensor saw it, not from where the belt
// is now. If that is no longer known, no part may rely on having been seen.
bool Gate::Receive(const event::GateSensor& event) {
  const TimePoint now = event.now;
  Advance(now);
  const std::int64_t position = belt_.PositionAt(event.at);
  // If one place is seen twice, the second is another part: the belt has moved, and its known
  // position has not. A report that comes late may be about a part that left long ago.
  bool known = false;
  for (auto sequence = ring_.kept_from(); sequence < ring_.next(); ++sequence) {
    Part& part = ring_.At(sequence);
    // The two halves of a double edge are one part on the belt: both are seen.
    if (position < part.place.open || position >= part.place.close) continue;
    known = known || !part.seen;
    part.seen = true;
  }
  if (!known || belt_.MovedOnSince(event.at)) LoseTracking(AlarmKind::kTrackingLost, now);
  Advance(now);
  return true;
}

bool Gate::Receive(const event::BinSensor& event) {
  Advance(event.now);
  Part* fallen = nullptr;
  for (auto sequence = ring_.live_from(); sequence < ring_.next() && !fallen; ++sequence) {
    Part& part = ring_.At(sequence);
    const bool ejected = part.decided() && (!part.decision.released || part.cut_short);
    const bool may_fall = ejected && !part.in_bin;
    if (may_fall && belt_.PositionAt(event.at) >= part.place.open) fallen = &part;
  }
  if (fallen != nullptr) {
    fallen->in_bin = true;
  } else {
    ++counts_.bin_disagreements;  // one that was released, or an unknown one
    escalation_.OnBinDisagreement(pass_owner_);
  }
  Advance(event.now);
  return true;
}

// The number must come while exactly one part can be meant: the only one without a
// number between its edge and the moment when its answer is due.
bool Gate::Receive(const event::PlcPart& event) {
  Advance(event.now);
  Part* meant = nullptr;
  int candidates = 0;
  for (auto sequence = ring_.kept_from(); sequence < ring_.next(); ++sequence) {
    Part& part = ring_.At(sequence);
    const Decision& decision = part.decision;
    if (decision.has_plc_part || event.now >= decision.answer_due) continue;
    if (event.at < decision.trigger_at) continue;
    meant = &part;
    ++candidates;
  }
  if (candidates == 1) {
    meant->decision.has_plc_part = true;
    meant->decision.plc_part = event.number;
  } else {
    ++counts_.plc_mismatches;
    RejectAll(Reason::kPlcMismatch, event.now);
  }
  Advance(event.now);
  return true;
}

bool Gate::Receive(const event::PlcBeat& event) {
  Advance(event.now);
  plc_beat_.OnLevel(event.level, std::min(event.at, event.now));
  Advance(event.now);
  return true;
}

// No earlier time is worth anything: the clock stood still, the belt may have moved.
bool Gate::Receive(const event::Resumed& event) {
  belt_.Lose(event.now);
  LoseTracking(AlarmKind::kTrackingLost, event.now);
  Advance(event.now);
  return true;
}

bool Gate::Receive(const event::Time& event) {
  Advance(event.now);
  return true;
}

}  // namespace taktgate::gate
