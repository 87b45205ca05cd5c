#include "gate/event_log.h"

#include <gtest/gtest.h>

#include <vector>

#include "gate/recorded_gate.h"
#include "gate/replay_log.h"
#include "gate/test_recorder.h"

namespace taktgate::gate {
namespace {

using judge::Verdict;
using testing::At;
using testing::Recorder;

Result<Replay> Replayed(const GateSettings& settings, const EventLog::Handed& handed) {
  return ReplayLog(settings, std::span(handed.stretches).first(handed.count));
}

class OneLog : public ::testing::Test {
 protected:
  explicit OneLog(std::size_t stretch_bytes) : log(settings, stretch_bytes) { GoOnline(); }
  OneLog() : log(settings) { GoOnline(); }
  void GoOnline() {
    for (const Command command :
         {Command::kInitialize, Command::kPrepare, Command::kStartContinuous}) {
      gate.On(event::Command{command, At(0), At(0)});
    }
  }
  void GoodPart(double edge_ms) {
    gate.On(event::Trigger{0, At(edge_ms), At(edge_ms)});
    gate.On(
        event::Frame{{frames++, At(edge_ms + 2), At(edge_ms + 2.5), false, 0}, At(edge_ms + 2.5)});
    const PartId part = *out.running;
    out.running.reset();
    gate.On(event::Answered{part, testing::MakeAnswer(Verdict::kPass), At(edge_ms + 4)});
    gate.On(event::Time{At(edge_ms + 9.5)});
  }

  GateSettings settings;
  Recorder out;
  EventLog log;
  RecordedGate gate{settings, out, &log};
  std::uint64_t frames = 0;
};

TEST_F(OneLog, HoldsEveryInputAndEveryOutputInOrder) {
  GoodPart(10);
  const auto handed = gate.HandOverLog();
  ASSERT_TRUE(handed);
  ASSERT_EQ(handed->count, 1U);
  const auto events = ReadEvents(handed->stretches[0].events);
  ASSERT_TRUE(events) << events.error().message;
  std::vector<int> kinds;
  for (const auto& one : *events) {
    kinds.push_back(std::visit([](const auto& e) { return static_cast<int>(e.kKind); }, one));
  }
  const int command = event::Command::kKind, set = event::LineSet::kKind;
  const std::vector<int> wanted = {command,
                                   command,
                                   command,
                                   set,
                                   set,
                                   set,  // online, lamps
                                   event::Trigger::kKind,
                                   event::Frame::kKind,
                                   event::InferenceStarted::kKind,
                                   event::Answered::kKind,
                                   event::FrameReleased::kKind,
                                   set,  // PASS
                                   event::PartDecided::kKind,
                                   set,  // VALID
                                   event::Time::kKind,
                                   set,
                                   set};  // both off
  EXPECT_EQ(kinds, wanted);
}

TEST(EventLog, BeforeTheFirstEventThereIsNothingToHandOut) {
  Recorder out;
  EventLog log{GateSettings{}};
  RecordedGate gate(GateSettings{}, out, &log);
  EXPECT_FALSE(gate.HandOverLog());
  gate.On(event::Time{At(1)});
  EXPECT_TRUE(gate.HandOverLog());
}

TEST_F(OneLog, IsHandedOutOnceUntilItComesBack) {
  GoodPart(10);
  EXPECT_TRUE(gate.HandOverLog());
  GoodPart(20);
  EXPECT_FALSE(gate.HandOverLog()) << "the first one is still being written";
  log.Return();
  const auto second = gate.HandOverLog();
  ASSERT_TRUE(second);
  EXPECT_EQ(Replayed(settings, *second)->decisions, 1U) << "what was handed out is not kept";
}

TEST_F(OneLog, WhatWasHandedOutStaysWhileTheGateGoesOn) {
  GoodPart(10);
  const auto handed = gate.HandOverLog();
  const std::vector<std::uint8_t> before(handed->stretches[0].events.begin(),
                                         handed->stretches[0].events.end());
  for (int part = 1; part < 20'000; ++part) GoodPart(10 + 10 * part);
  EXPECT_TRUE(std::equal(before.begin(), before.end(), handed->stretches[0].events.begin()));
  log.Return();
  const auto second = gate.HandOverLog();
  ASSERT_EQ(second->count, 2U);
  EXPECT_FALSE(Replayed(settings, *second)->difference);
}

TEST_F(OneLog, AReplayCountsWhatWentInAndCameOut) {
  GoodPart(10);
  const auto replay = Replayed(settings, *gate.HandOverLog());
  ASSERT_TRUE(replay);
  EXPECT_EQ(replay->inputs, 7U) << "three commands, edge, frame, answer, time";
  EXPECT_EQ(replay->outputs, 10U);
  EXPECT_EQ(replay->decisions, 1U);
}

TEST_F(OneLog, AStretchIsAtMostOneMebibyte) {
  for (int part = 1; part < 20'000; ++part) GoodPart(10 + 10 * part);
  const auto handed = gate.HandOverLog();
  ASSERT_EQ(handed->count, 2U);
  const LogStretch& first = handed->stretches[0];
  const std::size_t bytes = first.state.size() + first.events.size();
  EXPECT_LE(bytes, std::size_t{1} << 20) << "an incident is at most 2 MiB and its frames";
  EXPECT_GT(bytes, std::size_t{1} << 19);
}

class ShortLog : public OneLog {
 protected:
  ShortLog() : OneLog(1) {}  // as short as it can be
};

TEST_F(ShortLog, AStateThatWasAnotherOneIsFound) {
  for (int part = 1; part < 2'000; ++part) GoodPart(10 + 10 * part);
  const auto handed = gate.HandOverLog();
  ASSERT_EQ(handed->count, 2U);
  const auto& [first, second] = handed->stretches;
  EXPECT_GT(first.state.size() + first.events.size(), 64U << 10) << "room for many parts";
  std::vector<std::uint8_t> other(second.state.begin(), second.state.end());
  ++other.back();
  std::vector<std::uint8_t> longer(second.state.begin(), second.state.end());
  longer.push_back(0);
  std::vector<std::vector<std::uint8_t>> states = {other, longer};
  for (std::size_t cut = 1; cut <= 16; ++cut) {
    states.emplace_back(second.state.begin(), second.state.end() - static_cast<long>(cut));
  }
  for (const std::vector<std::uint8_t>& state : states) {
    const std::vector<LogStretch> changed = {first, {state, second.events}};
    const auto replay = ReplayLog(settings, changed);
    ASSERT_TRUE(replay);
    ASSERT_TRUE(replay->difference);
    EXPECT_EQ(replay->difference->event, ReadEvents(first.events)->size());
    EXPECT_FALSE(replay->difference->recorded || replay->difference->replayed);
  }
  const std::vector<LogStretch> at_the_start = {{longer, second.events}};
  EXPECT_FALSE(ReplayLog(settings, at_the_start)) << "more than a state";
}

std::vector<std::uint8_t> BytesOfAll(const std::vector<event::Any>& events) {
  std::vector<std::uint8_t> bytes;
  for (const auto& one : events) {
    const auto more = BytesOf(one);
    bytes.insert(bytes.end(), more.begin(), more.end());
  }
  return bytes;
}

// The stretch with another verdict in its first answer.
std::vector<std::uint8_t> WithAnotherVerdict(const LogStretch& stretch) {
  auto events = *ReadEvents(stretch.events);
  for (auto& one : events) {
    if (auto* answered = std::get_if<event::Answered>(&one)) {
      answered->answer.verdict = Verdict::kFail;
      break;
    }
  }
  return BytesOfAll(events);
}

TEST_F(OneLog, AnEventThatWasAnotherOneIsFound) {
  GoodPart(10);
  const auto handed = gate.HandOverLog();
  const std::vector<std::uint8_t> bytes = WithAnotherVerdict(handed->stretches[0]);
  const std::vector<LogStretch> changed = {{handed->stretches[0].state, bytes}};
  const auto replay = ReplayLog(settings, changed);
  ASSERT_TRUE(replay);
  ASSERT_TRUE(replay->difference);
  EXPECT_TRUE(std::holds_alternative<event::LineSet>(*replay->difference->recorded)) << "PASS";
  EXPECT_FALSE(std::get<event::PartDecided>(*replay->difference->replayed).decision.released);
}

TEST_F(OneLog, WhatTheGateDidMoreOrLessIsFound) {
  GoodPart(10);
  const auto handed = gate.HandOverLog();
  auto events = *ReadEvents(handed->stretches[0].events);
  const event::Any last = events.back();
  events.pop_back();
  const auto replayed = [&] {
    const std::vector<std::uint8_t> bytes = BytesOfAll(events);
    const std::vector<LogStretch> changed = {{handed->stretches[0].state, bytes}};
    return *ReplayLog(settings, changed);
  };
  const Replay more = replayed();
  ASSERT_TRUE(more.difference);
  EXPECT_FALSE(more.difference->recorded);
  EXPECT_TRUE(std::holds_alternative<event::LineSet>(*more.difference->replayed));
  EXPECT_EQ(more.difference->event, events.size() + 1);
  events.push_back(last);
  events.push_back(event::CutShort{{1, 1}});
  const Replay less = replayed();
  ASSERT_TRUE(less.difference);
  EXPECT_TRUE(std::holds_alternative<event::CutShort>(*less.difference->recorded));
  EXPECT_FALSE(less.difference->replayed);
}

TEST(Events, ScoresOfTheWindowsThatThereAreAreKept) {
  event::AnsweredLate late;
  late.answer.windows = 2;
  late.answer.window_scores[0] = 0.25F;
  late.answer.window_scores[1] = 0.5F;
  const auto read = ReadEvents(BytesOf(late));
  ASSERT_TRUE(read);
  const gate::Answer& answer = std::get<event::AnsweredLate>(read->front()).answer;
  EXPECT_EQ(answer.window_scores[0], 0.25F);
  EXPECT_EQ(answer.window_scores[1], 0.5F);
  EXPECT_EQ(BytesOf(late).size(), BytesOf(event::AnsweredLate{}).size() + 8);
}

TEST_F(ShortLog, TheFirstDifferenceIsReported) {
  for (int part = 1; part < 2'000; ++part) GoodPart(10 + 10 * part);
  const auto handed = gate.HandOverLog();
  ASSERT_EQ(handed->count, 2U);
  const std::vector<std::uint8_t> bytes = WithAnotherVerdict(handed->stretches[0]);
  const std::vector<LogStretch> changed = {{handed->stretches[0].state, bytes},
                                           handed->stretches[1]};
  const auto replay = ReplayLog(settings, changed);
  ASSERT_TRUE(replay);
  ASSERT_TRUE(replay->difference);
  EXPECT_LT(replay->difference->event, 20U);
  EXPECT_TRUE(replay->difference->recorded);
}

TEST_F(OneLog, DamagedBytesAreRefused) {
  GoodPart(10);
  const auto handed = gate.HandOverLog();
  const LogStretch whole = handed->stretches[0];
  for (std::size_t size = 1; size < whole.state.size(); size += 97) {
    const std::vector<LogStretch> cut = {{whole.state.first(size), whole.events}};
    EXPECT_FALSE(ReplayLog(settings, cut)) << size;
  }
  GateSettings other = settings;
  other.parts_in_flight = 3;
  const std::vector<LogStretch> all = {whole};
  const auto larger = ReplayLog(other, all);
  ASSERT_FALSE(larger) << "the state of a larger ring";
  EXPECT_EQ(larger.error().code, ErrorCode::kCorrupt);
  EXPECT_FALSE(ReadEvents(whole.events.first(whole.events.size() - 1)));
  const std::vector<LogStretch> cut = {{whole.state, whole.events.first(whole.events.size() - 1)}};
  ASSERT_FALSE(ReplayLog(settings, cut));
  EXPECT_EQ(ReplayLog(settings, cut).error().code, ErrorCode::kCorrupt);
  const std::vector<std::uint8_t> unknown = {200};
  ASSERT_FALSE(ReadEvents(unknown));
  EXPECT_EQ(ReadEvents(unknown).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(ReadEvents(unknown).error().message,
            "event 1: expected a whole event of a known kind, got kind 200");
  const std::vector<std::uint8_t> no_command = {event::Command::kKind, 99, 0, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_FALSE(ReadEvents(no_command));
}

// Whatever a byte of it becomes: refused or read, and nothing beyond its memory.
TEST(ReadEvents, DamagedAnswersAreReadOrRefused) {
  const std::vector<std::uint8_t> sound = BytesOf(event::AnsweredLate{});
  int refused = 0;
  for (std::size_t at = 1; at < sound.size(); ++at) {
    std::vector<std::uint8_t> bytes = sound;
    bytes[at] = 255;
    refused += ReadEvents(bytes) ? 0 : 1;
  }
  EXPECT_GT(refused, 0);
  event::AnsweredLate many;
  many.answer.windows = kMaxWindows + 1;
  EXPECT_FALSE(ReadEvents(BytesOf(many)));
}

TEST(ReadEvents, ANameIsNotLongerThanItsRoom) {
  event::Acknowledge long_name{event::ShortName("Anna"), At(1), At(1)};
  long_name.name.size = static_cast<std::uint8_t>(long_name.name.letters.size());
  EXPECT_TRUE(ReadEvents(BytesOf(long_name)));
  ++long_name.name.size;
  EXPECT_FALSE(ReadEvents(BytesOf(long_name)));
}

TEST(EventLog, AStretchWithAHoleIsNeverHandedOut) {
  Recorder out;
  EventLog log(GateSettings{}, 1);
  Gate gate(GateSettings{}, out);
  log.MakeRoom(gate);
  const std::size_t enough = (2U << 20) / BytesOf(event::PartDecided{}).size();
  for (std::size_t i = 0; i < enough; ++i) log.Add(event::PartDecided{});  // and no room for them
  EXPECT_FALSE(log.HandOver(gate));
  log.MakeRoom(gate);
  EXPECT_TRUE(log.HandOver(gate)) << "the next stretch is whole";
}

// A later event may be small enough for what is left.
TEST(EventLog, WhatStillFitsAfterAHoleDoesNotHideIt) {
  Recorder out;
  const event::Time time{At(1)};
  const std::size_t each = BytesOf(time).size();
  for (std::size_t more = 0; more < each; ++more) {
    const std::size_t all = (1U << 20) + more;
    Gate gate(GateSettings{}, out);
    EventLog log(GateSettings{}, all);
    log.MakeRoom(gate);
    const std::size_t state = log.HandOver(gate)->stretches[0].state.size();
    for (std::size_t k = 0; k <= (all - state) / each; ++k) log.Add(time);  // the last one is cut
    log.Add(event::FrameReleased{});
    log.Return();
    EXPECT_FALSE(log.HandOver(gate)) << more;
  }
}

// The state takes a fourth of it at most.
TEST(EventLog, AShortStretchStillHoldsManyEvents) {
  Recorder out;
  EventLog log(GateSettings{}, 1);
  RecordedGate gate(GateSettings{}, out, &log);
  for (int k = 1; k <= 100; ++k) gate.On(event::Time{At(k)});
  const auto handed = gate.HandOverLog();
  ASSERT_TRUE(handed);
  ASSERT_EQ(handed->count, 1U);
  EXPECT_EQ(ReadEvents(handed->stretches[0].events)->size(), 100U);
}

// EventLog's bound on what one event may need.
TEST(EventLog, TheLargestDecisionFitsItsBound) {
  Decision decision;
  decision.answer.windows = kMaxWindows;
  EXPECT_LT(BytesOf(event::PartDecided{decision}).size(), 600U);
}

TEST(EventLog, AFullRingThatIsRejectedAtOnceFits) {
  GateSettings settings;
  settings.parts_in_flight = 200;
  settings.belt = {BeltMode::kByTime, 1'700'000'000, 1, 1, 9'000'000, 0, {}};
  settings.escalation = EscalationSettings::Off();
  ASSERT_TRUE(CheckSettings(settings)) << CheckSettings(settings).error().message;
  Recorder out;
  EventLog log(settings, 1);
  RecordedGate gate(settings, out, &log);
  for (const Command command :
       {Command::kInitialize, Command::kPrepare, Command::kStartContinuous}) {
    gate.On(event::Command{command, At(0), At(0)});
  }
  Answer pass = testing::MakeAnswer(Verdict::kPass);
  pass.windows = kMaxWindows;
  for (std::uint64_t k = 0; k < 180; ++k) {
    const double edge = 10.0 * static_cast<double>(k + 1);
    gate.On(event::Trigger{0, At(edge), At(edge)});
    gate.On(event::Frame{{k, At(edge + 2), At(edge + 2.5), false, 0}, At(edge + 2.5)});
    ASSERT_TRUE(out.running);
    const PartId part = *out.running;
    out.running.reset();
    gate.On(event::Answered{part, pass, At(edge + 4)});
  }
  gate.On(event::Command{Command::kHalt, At(1810), At(1810)});
  EXPECT_EQ(gate.counts().rejected + gate.counts().released, 180U);
  const auto handed = gate.HandOverLog();
  ASSERT_TRUE(handed);
  const auto replay = Replayed(settings, *handed);
  ASSERT_TRUE(replay) << replay.error().message;
  EXPECT_FALSE(replay->difference);
  EXPECT_GE(replay->decisions, 150U);
}

}  // namespace
}  // namespace taktgate::gate
