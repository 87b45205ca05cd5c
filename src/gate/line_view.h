#ifndef TAKTGATE_GATE_LINE_VIEW_H_
#define TAKTGATE_GATE_LINE_VIEW_H_

#include <array>
#include <cstdint>
#include <type_traits>

#include "base/latest_value.h"
#include "gate/decision.h"
#include "gate/gate.h"
#include "gate/outputs.h"
#include "gate/states.h"

namespace taktgate::gate {

// The last decision, as far as a machine beside the line wants to know it.
struct LastDecision {
  PartId part;  // sequence 0: there was none yet
  bool released = false;
  judge::Verdict verdict = judge::Verdict::kUnknown;
  judge::Reason reason = judge::Reason::kNone;
  std::int32_t class_index = -1;  // of the release's labels; -1: no class
  double defect_score = 1.0;
  std::uint32_t release = 0;  // number of the release in force at the part's edge
  bool has_plc_part = false;
  std::uint32_t plc_part = 0;
  friend bool operator==(const LastDecision&, const LastDecision&) = default;
};

// What a PLC, or a page, may know of a line at one moment: everything in it belongs together.
struct LineView {
  std::uint64_t changes = 0;  // counts the views of this run; another number, another view
  State state{};
  bool online = false;  // the state is one in which parts are inspected
  bool ready = false;   // and no line stop waits for its acknowledgement: the level of READY
  Severity severity{};
  std::array<Severity, kAlarmKinds> alarms{};  // by kind; kCalm for one that is not open
  Counts counts;
  std::uint64_t deadline_misses = 0;
  LastDecision last;
};
static_assert(std::is_trivially_copyable_v<LineView>);

// Where others look at it.
using SeenLineView = LatestValue<LineView>;

// Keeps the view of one line: told what the gate puts out, it shows a new one after each event that
// changed something.
//
// Threads: one, the gate's; seen() from any. Allocates nothing.
class LineViewKeeper {
 public:
  void OnDecision(const Decision& decision);
  void OnAlarm(const Alarm& alarm);
  // After an event, how the gate is now; nothing happens where the view is the same.
  void Show(State state, Severity severity, const Counts& counts);

  // By kind, since the last acknowledgement; `now` is the gate's: warnings end by themselves.
  const std::array<Severity, kAlarmKinds>& OpenAlarms(Severity now);
  const SeenLineView& seen() const { return seen_; }

 private:
  LineView view_;
  bool changed_ = true;
  std::array<Severity, kAlarmKinds> raised_{};
  SeenLineView seen_;
};

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_LINE_VIEW_H_
