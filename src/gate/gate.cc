#include "gate/gate.h"

#include <algorithm>

namespace taktgate::gate {

using judge::Reason;
using judge::Verdict;

Gate::Gate(const GateSettings& settings, GateOutputs& outputs)
    : settings_(settings), outputs_(outputs) {}

Gate::Part* Gate::Find(std::uint64_t sequence) {
  if (sequence == 0 || sequence >= next_sequence_ || next_sequence_ - sequence > kRecent) {
    return nullptr;
  }
  return &recent_[sequence % kRecent];
}

TimePoint Gate::LineTimeEnd(const Part& part) const {
  return part.decision.deadline + settings_.pass_hold;
}

void Gate::OnTrigger(TimePoint edge_at, TimePoint now) {
  Settle(now);
  Part* before = Find(next_sequence_ - 1);
  const bool too_early = before != nullptr && edge_at < LineTimeEnd(*before);

  // The slot's former part was decided long ago, unless edges come faster than decisions.
  Part& part = recent_[next_sequence_ % kRecent];
  if (!part.decided) Reject(part, Reason::kOverrun, now);
  part = Part{};
  part.decided = false;
  part.decision.part = {settings_.boot, next_sequence_++};
  part.decision.trigger_at = edge_at;
  part.decision.deadline = edge_at + settings_.window;

  if (too_early) {
    if (!before->decided) {
      Reject(*before, Reason::kDoubleEdge, now);
    }
  }
  SetReject(now);
  if (shut_down_) {
    Reject(part, Reason::kShutdown, now);
  } else if (too_early) {
    Reject(part, Reason::kDoubleEdge, now);
  } else {
    Settle(now);  // an edge that was reported late may be past its deadline already
  }
}

bool Gate::InCaptureInterval(const Part& part, const FrameSeen& frame) const {
  const Duration behind = frame.captured_at - part.decision.trigger_at;
  return behind >= settings_.capture_from && behind <= settings_.capture_until;
}

Gate::Part* Gate::PartByCount(const FrameSeen& frame) {
  if (!paired_ || frame.sequence < frame_anchor_) return nullptr;
  return Find(part_anchor_ + (frame.sequence - frame_anchor_));
}

bool Gate::IsNext(const FrameSeen& frame) const {
  return paired_ && frame.sequence >= frame_anchor_ &&
         part_anchor_ + (frame.sequence - frame_anchor_) == next_sequence_;
}

Gate::Part* Gate::OnlyPartByTime(const FrameSeen& frame) {
  Part* found = nullptr;
  const std::uint64_t count = std::min<std::uint64_t>(kRecent, next_sequence_ - 1);
  for (std::uint64_t back = 1; back <= count; ++back) {
    Part& part = recent_[(next_sequence_ - back) % kRecent];
    if (!InCaptureInterval(part, frame)) continue;
    if (found != nullptr) return nullptr;
    found = &part;
  }
  return found;
}

void Gate::OnFrame(const FrameSeen& frame, TimePoint now) {
  Settle(now);
  Part* by_count = PartByCount(frame);
  Part* by_time = OnlyPartByTime(frame);
  if (by_time == nullptr && IsNext(frame)) {
    // The frame overtook its edge. That part will have none; the count goes on.
    ++stray_frames_;
    outputs_.ReleaseFrame(frame.slot);
    return;
  }
  if (by_count == nullptr || by_count != by_time) {
    RejectInDoubt(frame, by_count, now);
    outputs_.ReleaseFrame(frame.slot);
    return;
  }
  part_anchor_ = by_count->decision.part.sequence;
  frame_anchor_ = frame.sequence;
  if (by_count->decided || by_count->decision.has_frame) {
    ++stray_frames_;  // behind its deadline; the decision stands
    outputs_.ReleaseFrame(frame.slot);
    return;
  }
  by_count->decision.has_frame = true;
  by_count->decision.frame = frame;
  if (frame.partial) {
    Reject(*by_count, Reason::kPartialFrame, now);
    outputs_.ReleaseFrame(frame.slot);
    return;
  }
  Admit(*by_count, frame, now);
}

void Gate::RejectInDoubt(const FrameSeen& frame, Part* by_count, TimePoint now) {
  ++stray_frames_;
  const bool stale = by_count != nullptr && frame.captured_at < by_count->decision.trigger_at;
  if (by_count != nullptr && !by_count->decided) {
    Reject(*by_count, stale ? Reason::kStaleFrame : Reason::kFrameMismatch, now);
  }
  for (Part& part : recent_) {
    if (!part.decided && InCaptureInterval(part, frame)) Reject(part, Reason::kFrameMismatch, now);
  }
  const Part* by_time = OnlyPartByTime(frame);
  paired_ = by_time != nullptr;
  if (paired_) {
    part_anchor_ = by_time->decision.part.sequence;
    frame_anchor_ = frame.sequence;
  }
}

void Gate::Admit(Part& part, const FrameSeen& frame, TimePoint now) {
  if (running_ || part.decision.deadline - now <= settings_.inference_reserve) {
    Reject(part, Reason::kNoSlack, now);
    outputs_.ReleaseFrame(frame.slot);
    return;
  }
  running_ = Running{part.decision.part, frame.slot, now, false};
  outputs_.StartInference(part.decision.part, frame.slot);
}

void Gate::OnAnswer(PartId id, const Answer& answer, TimePoint now) {
  Settle(now);
  const bool expected = running_ && running_->part == id;
  if (expected) {
    outputs_.ReleaseFrame(running_->frame_slot);
    running_.reset();
  }
  Part* part = expected ? Find(id.sequence) : nullptr;
  if (part == nullptr || part->decided) {
    outputs_.LateAnswer(id, answer);
    return;
  }
  part->decision.has_answer = true;
  part->decision.answer = answer;
  part->decision.verdict = answer.verdict;
  if (answer.verdict == Verdict::kPass) {
    Release(*part, now);
  } else {
    Reject(*part, answer.reason, now);
  }
}

void Gate::OnTime(TimePoint now) { Settle(now); }

// Everything that `now` has reached, oldest part first.
void Gate::Settle(TimePoint now) {
  if (output_passes_ && now >= pass_until_) SetReject(now);
  const std::uint64_t count = std::min<std::uint64_t>(kRecent, next_sequence_ - 1);
  for (std::uint64_t back = count; back >= 1; --back) {
    Part& part = recent_[(next_sequence_ - back) % kRecent];
    if (part.decided || now < part.decision.deadline) continue;
    Reject(part, part.decision.has_frame ? Reason::kLate : Reason::kNoFrame, now);
  }
  if (running_ && !running_->fault_reported && now >= running_->since + settings_.fault_after) {
    running_->fault_reported = true;
    outputs_.InferenceFault(running_->part);
  }
}

void Gate::Reject(Part& part, Reason reason, TimePoint now) {
  if (running_ && running_->part == part.decision.part) {
    outputs_.TerminateInference(part.decision.part);
  }
  part.decision.released = false;
  part.decision.reason = reason;
  Finish(part, now);
}

void Gate::Release(Part& part, TimePoint now) {
  // The wire has one level: only the part that passed the barrier last can own it.
  if (shut_down_ || part.decision.part.sequence + 1 != next_sequence_) {
    Reject(part, shut_down_ ? Reason::kShutdown : Reason::kOverrun, now);
    return;
  }
  output_passes_ = true;
  pass_owner_ = part.decision.part;
  pass_until_ = LineTimeEnd(part);
  if (!outputs_.SetOutput(true, part.decision.deadline)) {
    pass_until_ = now;  // taken back at once: nothing is cut short
    SetReject(now);
    Reject(part, Reason::kLate, now);
    return;
  }
  part.decision.released = true;
  part.decision.reason = Reason::kNone;
  Finish(part, now);
}

void Gate::Finish(Part& part, TimePoint now) {
  part.decided = true;
  part.decision.decided_at = now;
  outputs_.Decided(part.decision);
}

// Only the part that came last can own a PASS on the wire.
void Gate::SetReject(TimePoint now) {
  if (!output_passes_) return;
  output_passes_ = false;
  outputs_.SetOutput(false, now);
  if (now < pass_until_) outputs_.PassCutShort(pass_owner_);
}

void Gate::OnShutdown(TimePoint now) {
  shut_down_ = true;
  SetReject(now);
  Settle(now);
  for (std::uint64_t sequence = next_sequence_ > kRecent ? next_sequence_ - kRecent : 1;
       sequence < next_sequence_; ++sequence) {
    Part* part = Find(sequence);
    if (!part->decided) Reject(*part, Reason::kShutdown, now);
  }
}

TimePoint Gate::NextTimer() const {
  TimePoint next = output_passes_ ? pass_until_ : TimePoint::max();
  for (const Part& part : recent_) {
    if (!part.decided) next = std::min(next, part.decision.deadline);
  }
  if (running_ && !running_->fault_reported) {
    next = std::min(next, running_->since + settings_.fault_after);
  }
  return next;
}

}  // namespace taktgate::gate
