// The order in which the gate takes what several threads report.
#include "gate/pump.h"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "gate/test_recorder.h"

namespace taktgate::gate {
namespace {

using testing::At;

class Queues : public Door {
 public:
  bool Next(Source source, event::Input& input) override {
    asked.push_back(source);
    auto& queue = queues[static_cast<std::size_t>(source)];
    if (queue.empty()) return false;
    input = queue.front();
    queue.pop_front();
    return true;
  }
  void Taken(Source source, bool accepted) override { taken.emplace_back(source, accepted); }
  void Put(Source source, const event::Input& input) {
    queues[static_cast<std::size_t>(source)].push_back(input);
  }

  std::array<std::deque<event::Input>, kSources> queues;
  std::vector<Source> asked;
  std::vector<std::pair<Source, bool>> taken;
};

class Listens : public GateInputs {
 public:
  bool On(const event::Input& input) override {
    inputs.push_back(input);
    return accepts;
  }
  TimePoint NextTimer() const override { return timer; }
  // T edge, E count, S gate sensor, F frame, A answer, C command, . time
  std::string Letters() const {
    std::string letters;
    for (const event::Input& input : inputs) letters += "CRHKTEFASBNtPU"[input.index()];
    return letters;
  }
  std::vector<event::Input> inputs;
  bool accepts = true;
  TimePoint timer{};
};

class PumpTest : public ::testing::Test {
 protected:
  void All(TimePoint now) {
    while (pump.Step(now)) {
    }
  }
  static event::Frame FrameAt(double ms) {
    event::Frame frame;
    frame.frame.arrived_at = At(ms);
    return frame;
  }
  static event::Answered AnsweredAt(double ms) {
    event::Answered answered;
    answered.answer.finished_at = At(ms);
    return answered;
  }

  Queues door;
  Listens gate;
  Pump pump{door, gate};
};

TEST_F(PumpTest, WhatHappenedFirstIsTakenFirstWhicheverThreadToldIt) {
  door.Put(Source::kAnswers, AnsweredAt(5));
  door.Put(Source::kFrames, FrameAt(3));
  door.Put(Source::kFrames, FrameAt(7));
  door.Put(Source::kEdges, event::Trigger{0, At(1), {}});
  door.Put(Source::kEdges, event::Trigger{0, At(6), {}});
  door.Put(Source::kSignals, event::Encoder{1, At(2), {}});
  door.Put(Source::kSignals, event::GateSensor{At(4), {}});
  door.Put(Source::kOrders, event::Command{Command::kStop, At(0), {}});
  All(At(10));
  EXPECT_EQ(gate.Letters(), "CTEFSATFt");
}

TEST_F(PumpTest, OfTheSameMomentAnEdgeComesFirstAndAnOrderLast) {
  door.Put(Source::kOrders, event::Command{Command::kStop, At(1), {}});
  door.Put(Source::kAnswers, AnsweredAt(1));
  door.Put(Source::kFrames, FrameAt(1));
  door.Put(Source::kSignals, event::Encoder{1, At(1), {}});
  door.Put(Source::kEdges, event::Trigger{0, At(1), {}});
  All(At(1));
  EXPECT_EQ(gate.Letters(), "TEFACt");
}

TEST_F(PumpTest, EachEventIsTakenAtTheTimeOfItsStep) {
  door.Put(Source::kEdges, event::Trigger{7, At(1), {}});
  EXPECT_TRUE(pump.Step(At(4)));
  EXPECT_FALSE(pump.Step(At(5)));
  const auto& edge = std::get<event::Trigger>(gate.inputs[0]);
  EXPECT_EQ(edge.at, At(1));
  EXPECT_EQ(edge.now, At(4));
  EXPECT_EQ(edge.encoder, 7U);
  EXPECT_EQ(std::get<event::Time>(gate.inputs[1]).now, At(5));
}

TEST_F(PumpTest, TheDoorLearnsWhatTheGateSaidToEachEvent) {
  door.Put(Source::kOrders, event::Command{Command::kStop, At(1), {}});
  pump.Step(At(1));
  gate.accepts = false;
  door.Put(Source::kEdges, event::Trigger{0, At(2), {}});
  pump.Step(At(2));
  EXPECT_EQ(door.taken, (std::vector<std::pair<Source, bool>>{{Source::kOrders, true},
                                                              {Source::kEdges, false}}));
}

TEST_F(PumpTest, TheTimeIsToldOnlyWhenATimerIsDue) {
  gate.timer = At(5);
  EXPECT_FALSE(pump.Step(At(4)));
  EXPECT_TRUE(gate.inputs.empty());
  EXPECT_FALSE(pump.Step(At(5)));
  EXPECT_EQ(gate.Letters(), "t");
}

// A frame follows from its edge: whoever sees the frame must see the edge too.
TEST_F(PumpTest, QueuesAreLookedAtFromTheLastToTheFirst) {
  pump.Step(At(0));
  EXPECT_EQ(door.asked, (std::vector{Source::kOrders, Source::kAnswers, Source::kFrames,
                                     Source::kSignals, Source::kEdges}));
}

TEST_F(PumpTest, TheDoorHearsWhatTheGateSaid) {
  gate.accepts = false;
  door.Put(Source::kOrders, event::Command{Command::kStop, At(1), {}});
  All(At(1));
  EXPECT_EQ(door.taken, (std::vector<std::pair<Source, bool>>{{Source::kOrders, false}}));
}

TEST_F(PumpTest, NothingIsLostDoubledOrTurnedRoundInItsQueue) {
  std::mt19937 random(1);
  std::array<double, kSources> clock{};
  std::uint32_t edges = 0, counts = 0, reported = 0;
  for (int round = 0; round < 20'000; ++round) {
    const double now = round;
    if (random() % 2 == 0) {
      double& at = clock[0];
      at = std::max(at, now - static_cast<double>(random() % 40));
      door.Put(Source::kEdges, event::Trigger{edges++, At(at), {}});
      ++reported;
    }
    if (random() % 2 == 0) {
      double& at = clock[1];
      at = std::max(at, now - static_cast<double>(random() % 40));
      door.Put(Source::kSignals, event::Encoder{counts++, At(at), {}});
      ++reported;
    }
    if (random() % 8 == 0) All(At(now));
  }
  All(At(20'000));
  std::uint32_t next_edge = 0, next_count = 0;
  for (const event::Input& input : gate.inputs) {
    if (const auto* edge = std::get_if<event::Trigger>(&input)) {
      ASSERT_EQ(edge->encoder, next_edge++);
    }
    if (const auto* count = std::get_if<event::Encoder>(&input)) {
      ASSERT_EQ(count->count, next_count++);
    }
  }
  EXPECT_EQ(next_edge + next_count, reported);
}

}  // namespace
}  // namespace taktgate::gate
