#include "gate/states.h"

namespace taktgate::gate {
namespace {

struct Transition {
  Command command;
  State from;
  State to;
};

constexpr Transition kTransitions[] = {
    {Command::kInitialize, State::kPreoperational, State::kInitialized},
    {Command::kPrepare, State::kInitialized, State::kReady},
    {Command::kStartSingle, State::kReady, State::kSingleExecution},
    {Command::kStartContinuous, State::kReady, State::kContinuousExecution},
    {Command::kStop, State::kSingleExecution, State::kReady},
    {Command::kStop, State::kContinuousExecution, State::kReady},
    {Command::kChangeRelease, State::kInitialized, State::kInitialized},
    {Command::kChangeRelease, State::kReady, State::kInitialized},
    {Command::kReset, State::kInitialized, State::kPreoperational},
    {Command::kReset, State::kReady, State::kPreoperational},
    {Command::kReset, State::kError, State::kPreoperational},
    {Command::kReset, State::kHalted, State::kPreoperational},
    {Command::kFail, State::kPreoperational, State::kError},
    {Command::kFail, State::kInitialized, State::kError},
    {Command::kFail, State::kReady, State::kError},
    {Command::kFail, State::kSingleExecution, State::kError},
    {Command::kFail, State::kContinuousExecution, State::kError},
};

}  // namespace

bool States::Apply(Command command) {
  if (command == Command::kHalt) {
    state_ = State::kHalted;
    return true;
  }
  for (const Transition& transition : kTransitions) {
    if (transition.command != command || transition.from != state_) continue;
    state_ = transition.to;
    return true;
  }
  return false;
}

std::string_view ToString(State state) {
  switch (state) {
    case State::kPreoperational:
      return "Preoperational";
    case State::kHalted:
      return "Halted";
    case State::kError:
      return "Error";
    case State::kInitialized:
      return "Initialized";
    case State::kReady:
      return "Ready";
    case State::kSingleExecution:
      return "SingleExecution";
    case State::kContinuousExecution:
      return "ContinuousExecution";
  }
  return "Error";
}

}  // namespace taktgate::gate
