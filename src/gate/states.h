#ifndef TAKTGATE_GATE_STATES_H_
#define TAKTGATE_GATE_STATES_H_

#include <cstdint>
#include <string_view>

namespace taktgate::gate {

// States and names of OPC 40100-1 (Machine Vision). The last four are inside Operational.
enum class State : std::uint8_t {
  kPreoperational,  // not tested yet
  kHalted,
  kError,
  kInitialized,  // tested; no release is prepared
  kReady,        // a release is prepared; offline
  kSingleExecution,
  kContinuousExecution,
};

// Parts are inspected in the two executions and nowhere else.
constexpr bool IsOnline(State state) {
  return state == State::kSingleExecution || state == State::kContinuousExecution;
}

enum class Command : std::uint8_t {
  kInitialize,  // the self-test has passed
  kPrepare,     // a release is loaded, proven and warm
  kStartSingle,
  kStartContinuous,
  kStop,           // go offline
  kChangeRelease,  // or recipe, or thresholds
  kReset,
  kFail,
  kHalt,
};

// Which command leads from which state to which.
//
// Threads: one, the gate's.
class States {
 public:
  // False: not from here; nothing has changed.
  bool Apply(Command command);

  State state() const { return state_; }
  bool online() const { return IsOnline(state_); }
  // For checkpoints (state_bytes.h): every member that changes.
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(state_);
  }

 private:
  State state_ = State::kPreoperational;
};

std::string_view ToString(State state);

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_STATES_H_
