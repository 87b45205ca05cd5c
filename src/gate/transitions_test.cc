// Every command in every state.
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "gate/states.h"

namespace taktgate::gate {
namespace {

constexpr int kCommands = static_cast<int>(Command::kHalt) + 1;

// The shortest way there.
const std::map<State, std::vector<Command>> kWays = {
    {State::kPreoperational, {}},
    {State::kHalted, {Command::kHalt}},
    {State::kError, {Command::kFail}},
    {State::kInitialized, {Command::kInitialize}},
    {State::kReady, {Command::kInitialize, Command::kPrepare}},
    {State::kSingleExecution, {Command::kInitialize, Command::kPrepare, Command::kStartSingle}},
    {State::kContinuousExecution,
     {Command::kInitialize, Command::kPrepare, Command::kStartContinuous}},
};

// OPC 40100-1 as docs/gate.md has it; what is not here is refused.
const std::map<State, std::map<Command, State>> kTaken = {
    {State::kPreoperational,
     {{Command::kInitialize, State::kInitialized},
      {Command::kFail, State::kError},
      {Command::kHalt, State::kHalted}}},
    {State::kHalted, {{Command::kReset, State::kPreoperational}, {Command::kHalt, State::kHalted}}},
    {State::kError, {{Command::kReset, State::kPreoperational}, {Command::kHalt, State::kHalted}}},
    {State::kInitialized,
     {{Command::kPrepare, State::kReady},
      {Command::kChangeRelease, State::kInitialized},
      {Command::kReset, State::kPreoperational},
      {Command::kFail, State::kError},
      {Command::kHalt, State::kHalted}}},
    {State::kReady,
     {{Command::kStartSingle, State::kSingleExecution},
      {Command::kStartContinuous, State::kContinuousExecution},
      {Command::kChangeRelease, State::kInitialized},
      {Command::kReset, State::kPreoperational},
      {Command::kFail, State::kError},
      {Command::kHalt, State::kHalted}}},
    {State::kSingleExecution,
     {{Command::kStop, State::kReady},
      {Command::kFail, State::kError},
      {Command::kHalt, State::kHalted}}},
    {State::kContinuousExecution,
     {{Command::kStop, State::kReady},
      {Command::kFail, State::kError},
      {Command::kHalt, State::kHalted}}},
};

TEST(Transitions, EveryCommandInEveryState) {
  for (const auto& [from, way] : kWays) {
    for (int number = 0; number < kCommands; ++number) {
      const auto command = static_cast<Command>(number);
      States states;
      for (const Command step : way) ASSERT_TRUE(states.Apply(step));
      ASSERT_EQ(states.state(), from);
      const auto& taken = kTaken.at(from);
      const auto to = taken.find(command);
      EXPECT_EQ(states.Apply(command), to != taken.end()) << ToString(from) << " " << number;
      EXPECT_EQ(states.state(), to != taken.end() ? to->second : from)
          << ToString(from) << " " << number;
    }
  }
}

TEST(Transitions, PartsAreInspectedInTheTwoExecutionsOnly) {
  for (const auto& [state, way] : kWays) {
    States states;
    for (const Command step : way) states.Apply(step);
    EXPECT_EQ(states.online(),
              state == State::kSingleExecution || state == State::kContinuousExecution);
  }
}

}  // namespace
}  // namespace taktgate::gate
