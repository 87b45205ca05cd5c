#include "gate/states.h"

#include <gtest/gtest.h>

#include "gate/test_recorder.h"

namespace taktgate::gate {
namespace {

using judge::Reason;
using judge::Verdict;
using testing::At;
using testing::GateFixture;

TEST(States, OnlyTheWayOfTheStandardLeadsOnline) {
  States states;
  EXPECT_EQ(ToString(states.state()), "Preoperational");
  EXPECT_FALSE(states.Apply(Command::kStartContinuous));
  EXPECT_FALSE(states.Apply(Command::kPrepare));
  EXPECT_TRUE(states.Apply(Command::kInitialize));
  EXPECT_FALSE(states.Apply(Command::kStartContinuous));
  EXPECT_TRUE(states.Apply(Command::kPrepare));
  EXPECT_FALSE(states.online());
  EXPECT_TRUE(states.Apply(Command::kStartContinuous));
  EXPECT_TRUE(states.online());
  EXPECT_EQ(ToString(states.state()), "ContinuousExecution");
  EXPECT_FALSE(states.Apply(Command::kReset)) << "go offline first";
}

TEST(States, AnErrorNeedsAResetAndANewPreparation) {
  States states;
  ASSERT_TRUE(states.Apply(Command::kInitialize));
  ASSERT_TRUE(states.Apply(Command::kFail));
  EXPECT_EQ(states.state(), State::kError);
  EXPECT_FALSE(states.Apply(Command::kInitialize));
  EXPECT_FALSE(states.Apply(Command::kPrepare));
  EXPECT_TRUE(states.Apply(Command::kReset));
  EXPECT_EQ(states.state(), State::kPreoperational);
}

class GateStates : public GateFixture {
 protected:
  static constexpr Line kEvery[] = {Line::kPass,     Line::kValid, Line::kReady, Line::kHeartbeat,
                                    Line::kLineStop, Line::kGreen, Line::kAmber, Line::kRed};
};

TEST_F(GateStates, EveryLineIsSafeBeforeReadyAndAfterAHalt) {
  testing::Recorder fresh;
  Gate other(settings, fresh);
  other.On(event::Trigger{0, At(0), At(0)});
  other.On(event::Time{At(1000)});
  for (const Line line : kEvery) EXPECT_FALSE(fresh.Has(line));
  EXPECT_EQ(fresh.ReasonOf(1), Reason::kOffline);

  EXPECT_TRUE(out.Has(Line::kReady) && out.Has(Line::kLineStop) && out.Has(Line::kGreen));
  GoodPart(1, 0);
  gate.On(event::Time{At(500)});
  EXPECT_TRUE(out.Has(Line::kHeartbeat));
  GoodPart(2, 600);
  ASSERT_TRUE(gate.On(event::Command{Command::kHalt, At(604.2), At(604.2)}));
  for (const Line line : kEvery) EXPECT_FALSE(out.Has(line));
  gate.On(event::Time{At(2000)});
  EXPECT_FALSE(out.Has(Line::kHeartbeat)) << "a halted station has no heart";
}

TEST_F(GateStates, TheHeartBeatsTwiceASecondAlsoWithoutParts) {
  int changes = 0;
  bool level = out.Has(Line::kHeartbeat);
  for (int ms = 1; ms <= 10'000; ++ms) {
    gate.On(event::Time{At(ms)});
    changes += out.Has(Line::kHeartbeat) != level ? 1 : 0;
    level = out.Has(Line::kHeartbeat);
  }
  EXPECT_EQ(changes, 20);
}

TEST_F(GateStates, TheReleaseChangesOfflineOnlyAndMustBePreparedAgain) {
  EXPECT_FALSE(gate.On(event::ChangeRelease{5, {}, At(0), At(0)}));
  GoodPart(1, 0);
  EXPECT_EQ(out.decisions[1].release, 0U);
  ASSERT_TRUE(gate.On(event::Command{Command::kStop, At(20), At(20)}));
  EXPECT_FALSE(out.Has(Line::kReady));
  EXPECT_TRUE(gate.On(event::ChangeRelease{5, {}, At(21), At(21)}));
  EXPECT_FALSE(gate.On(event::Command{Command::kStartContinuous, At(22), At(22)}));
  ASSERT_TRUE(gate.On(event::Command{Command::kPrepare, At(23), At(23)}));
  ASSERT_TRUE(gate.On(event::Command{Command::kStartContinuous, At(24), At(24)}));
  GoodPart(2, 30);
  EXPECT_EQ(out.decisions[2].release, 5U);
}

TEST_F(GateStates, TheReserveIsThatOfTheReleaseInForce) {
  ASSERT_TRUE(gate.On(event::Command{Command::kStop, At(0), At(0)}));
  ASSERT_TRUE(gate.On(event::ChangeRelease{5, std::chrono::milliseconds(6), At(0), At(0)}));
  ASSERT_TRUE(gate.On(event::Command{Command::kPrepare, At(0), At(0)}));
  ASSERT_TRUE(gate.On(event::Command{Command::kStartContinuous, At(0), At(0)}));
  gate.On(event::Trigger{0, At(10), At(10)});
  Frame(0, 12, 12);
  EXPECT_EQ(out.ReasonOf(1), Reason::kNoSlack) << "6 ms are left";
}

TEST_F(GateStates, ASingleExecutionInspectsOnePartAndGoesOffline) {
  ASSERT_TRUE(gate.On(event::Command{Command::kStop, At(0), At(0)}));
  ASSERT_TRUE(gate.On(event::Command{Command::kStartSingle, At(0), At(0)}));
  GoodPart(1, 1);
  EXPECT_TRUE(out.decisions[1].released);
  EXPECT_EQ(gate.state(), State::kSingleExecution) << "the part is still in the gate";
  gate.On(event::Time{At(10)});
  EXPECT_EQ(gate.state(), State::kReady);
  EXPECT_FALSE(out.Has(Line::kReady));
  gate.On(event::Trigger{0, At(20), At(20)});
  EXPECT_EQ(out.ReasonOf(2), Reason::kOffline);
  ASSERT_TRUE(gate.On(event::Command{Command::kStartContinuous, At(25), At(25)}));
  gate.On(event::Trigger{0, At(30), At(30)});
  EXPECT_EQ(out.decisions.count(3), 0U);
}

TEST_F(GateStates, ASecondPartOfASingleExecutionIsNotInspected) {
  ASSERT_TRUE(gate.On(event::Command{Command::kStop, At(0), At(0)}));
  ASSERT_TRUE(gate.On(event::Command{Command::kStartSingle, At(0), At(0)}));
  gate.On(event::Trigger{0, At(1), At(1)});
  gate.On(event::Trigger{0, At(5), At(5)});
  EXPECT_EQ(out.ReasonOf(2), Reason::kOffline);
}

TEST_F(GateStates, AnInferenceThreadThatStaysAwayIsAnError) {
  gate.On(event::Trigger{0, At(0), At(0)});
  Frame(0, 2, 2.5);
  gate.On(event::Time{At(1002.5)});
  EXPECT_EQ(gate.state(), State::kError);
  EXPECT_FALSE(out.Has(Line::kReady));
  EXPECT_FALSE(out.Has(Line::kLineStop));
  EXPECT_TRUE(out.Has(Line::kRed));
  gate.On(event::Trigger{0, At(1010), At(1010)});
  EXPECT_EQ(out.ReasonOf(2), Reason::kOffline);
}

}  // namespace
}  // namespace taktgate::gate
