#ifndef TAKTGATE_GATE_GATE_H_
#define TAKTGATE_GATE_GATE_H_

#include <cstdint>

#include "base/clock.h"
#include "gate/admission.h"
#include "gate/belt.h"
#include "gate/challenge.h"
#include "gate/decision.h"
#include "gate/escalation.h"
#include "gate/inputs.h"
#include "gate/lines.h"
#include "gate/outputs.h"
#include "gate/pairing.h"
#include "gate/part_ring.h"
#include "gate/peer_beat.h"
#include "gate/settings.h"
#include "gate/states.h"

namespace taktgate::gate {

// What reconciles: parts = released + rejected + in flight, frames = used + stray.
struct Counts {
  std::uint64_t parts = 0;  // trigger edges
  std::uint64_t released = 0;
  std::uint64_t rejected = 0;
  std::uint64_t frames = 0;
  std::uint64_t stray_frames = 0;  // belonged to no part that could use them
  std::uint64_t double_edges = 0;
  std::uint64_t late_answers = 0;
  std::uint64_t passes_cut_short = 0;
  std::uint64_t tracking_lost = 0;
  std::uint64_t bin_disagreements = 0;
  std::uint64_t plc_mismatches = 0;
  friend bool operator==(const Counts&, const Counts&) = default;
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(parts, released, rejected, frames, stray_frames, double_edges, late_answers,
          passes_cut_short, tracking_lost, bin_disagreements, plc_mismatches);
  }
};

// One decision per part, and PASS on the wire only around the place of a part that was proven good
// in time. A pure state machine over (event, now): no thread, no lock, no I/O, no clock, no
// allocation after construction. What is due by `now` is settled before an event is looked at,
// so an answer at the very moment when it is due is a REJECT.
//
// A part is proven by a timely pass. It is decided when PASS is on the wire (at the camera at once,
// behind it when the part is in its place), or as soon as it can no longer pass. A decision is
// final; a doubt that comes after it can only take PASS off the wire.
//
// gate.cc has the events, way_to_gate.cc what follows from time and belt.
//
// Threads: one, which owns it. `now` must not run backwards.
class Gate : public GateInputs {
 public:
  // The settings have passed CheckSettings.
  Gate(const GateSettings& settings, GateOutputs& outputs);

  bool On(const event::Input& input) override;
  TimePoint NextTimer() const override;

  // No part is in flight, no run in progress, and the wire is at REJECT.
  bool idle() const {
    return ring_.live_from() == ring_.next() && !admission_.busy() && !lines_.passing();
  }
  bool inference_busy() const { return admission_.busy(); }
  // Parts on the belt are worth nothing until a person has cleared it and starts again.
  bool belt_reversed() const { return belt_.reversed(); }
  // Number of the one in force.
  std::uint32_t release() const { return release_; }
  State state() const { return states_.state(); }
  Severity severity() const { return escalation_.severity(); }
  const ChallengeResult& challenge() const { return challenge_.result(); }
  const Counts& counts() const { return counts_; }

  // For checkpoints (state_bytes.h): every member that changes.
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(states_, lines_, belt_, ring_, pairing_, admission_, escalation_, challenge_, plc_beat_,
          counts_, release_, single_part_, stopped_, pass_owner_, pass_place_, pass_limit_);
  }

 private:
  bool Receive(const event::Command& event);
  bool Receive(const event::ChangeRelease& event);
  bool Receive(const event::StartChallenge& event);
  bool Receive(const event::Acknowledge& event);
  bool Receive(const event::Trigger& event);
  bool Receive(const event::Encoder& event);
  bool Receive(const event::Frame& event);
  bool Receive(const event::Answered& event);
  bool Receive(const event::GateSensor& event);
  bool Receive(const event::BinSensor& event);
  bool Receive(const event::PlcPart& event);
  bool Receive(const event::PlcBeat& event);
  bool Receive(const event::Resumed& event);
  bool Receive(const event::Time& event);

  void RejectInDoubt(const FrameSeen& frame, const Pairing::Found& found, TimePoint now);
  void ReceiveFrame(Part& part, const FrameSeen& frame, TimePoint now);
  void ReceiveAnswer(Part& part, const Answer& answer, TimePoint now);
  judge::Reason WhyNotInspected() const;

  // way_to_gate.cc
  void Advance(TimePoint now);
  void Step(Part& part, TimePoint now);
  bool StopIsDue(TimePoint now) const;
  void Present(Part& part, TimePoint now);
  void Close(Part& part, TimePoint now);
  void EndSingle(const Part& part);
  void AskBin(Part& part, TimePoint now);
  void BinSaid(Part& part, Verified verified);
  void Release(Part& part, TimePoint now);
  void Reject(Part& part, judge::Reason reason, TimePoint now);
  void Revoke(Part& part, judge::Reason reason, TimePoint now);
  void Decide(Part& part, bool released, judge::Reason reason, TimePoint now);
  void RejectAll(judge::Reason reason, TimePoint now);
  void LoseTracking(AlarmKind kind, TimePoint now);
  void EndPass(TimePoint now);
  bool PassIsOver(TimePoint now) const;
  void ShowLines(TimePoint now);
  bool Named(const Part& part) const {
    return !settings_.plc_names_parts || part.decision.has_plc_part;
  }
  TimePoint NextTimerOf(const Part& part) const;

  const GateSettings settings_;
  GateOutputs& outputs_;

  States states_;
  Lines lines_;
  Belt belt_;
  PartRing ring_;
  Pairing pairing_;
  Admission admission_;
  Escalation escalation_;
  Challenge challenge_;
  PeerBeat plc_beat_;
  Counts counts_;
  std::uint32_t release_ = 0;
  std::uint64_t single_part_ = 0;  // of SingleExecution, once its edge was there
  bool stopped_ = false;           // by a line stop that waits for its acknowledgement

  // The part that PASS is on the wire for, while it is.
  PartId pass_owner_;
  Place pass_place_;
  TimePoint pass_limit_ = TimePoint::max();
};

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_GATE_H_
