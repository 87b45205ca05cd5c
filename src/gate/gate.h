#ifndef TAKTGATE_GATE_GATE_H_
#define TAKTGATE_GATE_GATE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "gate/decision.h"

namespace taktgate::gate {

struct GateSettings {
  std::uint32_t boot = 1;
  // From the trigger edge to the final level of the output.
  Duration window = std::chrono::milliseconds(8);
  // How long a PASS stays on the wire behind its deadline. The next part may not come earlier.
  Duration pass_hold = std::chrono::milliseconds(1);
  // A frame belongs to a part when its capture lies this far behind the part's edge.
  Duration capture_from{};
  Duration capture_until = std::chrono::milliseconds(5);
  // Admission: the model is not started with less time left (measured p99.9 of what remains).
  Duration inference_reserve = std::chrono::milliseconds(2);
  // An inference thread that is away longer than this is a fault.
  Duration fault_after = std::chrono::seconds(1);
};

// What the gate wants done, in this order, during the call of an event. Implementations must
// not call back into the gate.
class GateOutputs {
 public:
  virtual ~GateOutputs() = default;
  // False when a PASS was not on the wire before `latest`: it is taken back and the part is late.
  virtual bool SetOutput(bool pass, TimePoint latest) = 0;
  virtual void StartInference(PartId part, std::uint32_t frame_slot) = 0;
  virtual void TerminateInference(PartId part) = 0;
  virtual void ReleaseFrame(std::uint32_t frame_slot) = 0;
  // Exactly once per part, after SetOutput.
  virtual void Decided(const Decision& decision) = 0;
  // An answer about a part that was decided without it: recorded, never acted on.
  virtual void LateAnswer(PartId part, const Answer& answer) = 0;
  // A PASS that the next part's early edge took off the wire before its time.
  virtual void PassCutShort(PartId part) = 0;
  // The inference thread stayed away too long: go safe and let the supervisor restart.
  virtual void InferenceFault(PartId part) = 0;
};

// One decision per part. A pure state machine over (event, now): no thread, no lock, no I/O, no
// clock, no allocation. Deadlines that `now` has reached are settled before the event is looked
// at, so a tie between answer and deadline is a REJECT.
//
// Frame and part are paired by count (frames since the last known pair) and by time (capture
// inside the expected interval behind the edge). Where the two disagree every part in doubt is
// rejected, and the count starts again at the next frame that time alone gives to one part.
//
// Threads: one, which owns it. `now` must not run backwards.
class Gate {
 public:
  Gate(const GateSettings& settings, GateOutputs& outputs);

  void OnTrigger(TimePoint edge_at, TimePoint now);
  void OnFrame(const FrameSeen& frame, TimePoint now);
  // The inference thread is back with this part's answer, in time or not.
  void OnAnswer(PartId part, const Answer& answer, TimePoint now);
  void OnTime(TimePoint now);
  // Every open part is rejected, the output goes to REJECT; no PASS follows.
  void OnShutdown(TimePoint now);

  // When OnTime must be called at the latest; TimePoint::max() when nothing is due.
  TimePoint NextTimer() const;

  bool inference_busy() const { return running_.has_value(); }
  std::uint64_t parts() const { return next_sequence_ - 1; }
  std::uint64_t stray_frames() const { return stray_frames_; }

 private:
  struct Part {
    Decision decision;
    bool decided = true;
  };
  // More parts than can be between an edge and its frame; a power of two.
  static constexpr std::size_t kRecent = 16;

  Part* Find(std::uint64_t sequence);
  Part* PartByCount(const FrameSeen& frame);
  Part* OnlyPartByTime(const FrameSeen& frame);
  bool InCaptureInterval(const Part& part, const FrameSeen& frame) const;
  void RejectInDoubt(const FrameSeen& frame, Part* by_count, TimePoint now);
  void Admit(Part& part, const FrameSeen& frame, TimePoint now);
  void Settle(TimePoint now);
  void Reject(Part& part, judge::Reason reason, TimePoint now);
  void Release(Part& part, TimePoint now);
  void Finish(Part& part, TimePoint now);
  void SetReject(TimePoint now);
  bool IsNext(const FrameSeen& frame) const;
  TimePoint LineTimeEnd(const Part& part) const;

  // Constant after construction.
  const GateSettings settings_;
  GateOutputs& outputs_;

  std::array<Part, kRecent> recent_;
  std::uint64_t next_sequence_ = 1;
  bool output_passes_ = false;
  TimePoint pass_until_{};
  PartId pass_owner_;
  bool shut_down_ = false;

  // The last known pair: frame `frame_anchor_` showed part `part_anchor_`.
  bool paired_ = true;
  std::uint64_t part_anchor_ = 1;
  std::uint64_t frame_anchor_ = 0;
  std::uint64_t stray_frames_ = 0;

  struct Running {
    PartId part;
    std::uint32_t frame_slot;
    TimePoint since;
    bool fault_reported;
  };
  std::optional<Running> running_;
};

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_GATE_H_
