#ifndef TAKTGATE_GATE_LINES_H_
#define TAKTGATE_GATE_LINES_H_

#include <array>

#include "gate/outputs.h"
#include "gate/settings.h"

namespace taktgate::gate {

// The levels of all output lines. Two rules hold whatever is asked for: PASS is never energised
// while READY is not, and VALID is on only while PASS cannot change.
//
// Threads: one, the gate's.
class Lines {
 public:
  Lines(const GateSettings& settings, GateOutputs& outputs);

  // False: PASS is not on the wire; if it got there late it was taken back.
  bool Pass(TimePoint latest, TimePoint until);
  void DropPass();
  bool passing() const { return Has(Line::kPass); }
  // The part in the gate has its final level. VALID rises before `latest`, when that part may have
  // left, or not at all.
  void Strobe(TimePoint now, TimePoint latest);
  // Parts are inspected (or not): READY and LINE_STOP, and the lamp for `severity`.
  void Show(bool online, Severity severity);
  // HEARTBEAT toggles from now on.
  void StartHeart(TimePoint now);
  // Every line without current: the level of a dead station.
  void AllSafe();

  void OnTime(TimePoint now);
  TimePoint NextTimer() const { return strobe_until_ < beat_at_ ? strobe_until_ : beat_at_; }
  // For checkpoints (state_bytes.h): every member that changes.
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(levels_, strobe_until_, beat_at_);
  }

 private:
  bool Has(Line line) const { return levels_[static_cast<std::size_t>(line)]; }
  bool Set(Line line, bool energised, TimePoint latest = TimePoint::max(),
           TimePoint until = TimePoint::max());

  const Duration heartbeat_;
  const Duration strobe_;
  GateOutputs& outputs_;
  std::array<bool, kOutputLines> levels_{};
  TimePoint strobe_until_ = TimePoint::max();
  TimePoint beat_at_ = TimePoint::max();
};

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_LINES_H_
