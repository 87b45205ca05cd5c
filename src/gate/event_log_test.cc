#include "gate/event_log.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

#include "gate/recorded_gate.h"
#include "gate/replay_log.h"
#include "gate/test_recorder.h"

namespace taktgate::gate {
namespace {

using judge::Reason;
using judge::Verdict;
using testing::At;
using testing::Recorder;

struct Random {
  std::mt19937 engine;
  std::uint32_t operator()() { return static_cast<std::uint32_t>(engine()); }
};

// Outputs that sometimes are too slow for a PASS, as the world is.
class World final : public Recorder {
 public:
  explicit World(Random& random) : random_(random) {}
  bool SetLine(Line line, bool energised, TimePoint latest, TimePoint until) override {
    too_slow = random_() % 20 == 0;
    return Recorder::SetLine(line, energised, latest, until);
  }

 private:
  Random& random_;
};

GateSettings SettingsOf(Random& random) {
  GateSettings settings;
  settings.boot = random();
  settings.parts_in_flight = 8 + random() % 20;
  settings.measure_runs = random() % 2 == 0;
  settings.plc_names_parts = random() % 4 == 0;
  settings.challenge_first = random() % 6 == 0;
  if (random() % 4 == 0) settings.plc_beat_within = std::chrono::milliseconds(300);
  EscalationSettings& limits = settings.escalation;
  limits.rate_window = 20 + random() % 200;
  limits.rate_amber = 5 + random() % limits.rate_window;
  limits.rate_stop = random() % 2 == 0 ? 0 : limits.rate_window;
  limits.rejects_stop = random() % 2 == 0 ? 0 : 10 + random() % 10;
  limits.faults_stop = random() % 2 == 0 ? 0 : 6 + random() % 10;
  limits.miss_row_stop = random() % 2 == 0 ? 0 : 5;
  limits.misses_amber = 1 + random() % 20;
  const auto mode = static_cast<BeltMode>(random() % 3);
  if (mode == BeltMode::kAtCamera) return settings;
  const std::int64_t unit = mode == BeltMode::kByTime ? 1'000'000 : 1;
  settings.belt = {mode, 30 * unit, 2 * unit, 3 * unit, 9 * unit, 20, std::chrono::seconds(1)};
  settings.gate_sensor = random() % 3 == 0;
  if (random() % 3 == 0) settings.bin_within = std::chrono::milliseconds(20);
  return settings;
}

// A line with every kind of event, in an order that the seed gives.
class RandomLine {
 public:
  RandomLine(Random& random, RecordedGate& gate, World& world)
      : random_(random), gate_(gate), world_(world) {}

  void GoOnline() {
    for (const Command command :
         {Command::kInitialize, Command::kPrepare, Command::kStartContinuous}) {
      gate_.Take(command, now_);
    }
  }
  void Step() {
    now_ += Duration(random_() % 3'000'000);
    encoder_ += random_() % 4;
    switch (random_() % 16) {
      case 0:
      case 1:
      case 2:
        gate_.OnTrigger(now_ - Duration(random_() % 100'000), now_, encoder_);
        now_ += std::chrono::milliseconds(random_() % 3);
        [[fallthrough]];
      case 3:
      case 4:
        gate_.OnFrame({frames_ += random_() % 20 == 0 ? 2 : 1, now_ - Duration(random_() % 500'000),
                       now_, random_() % 30 == 0, static_cast<std::uint32_t>(frames_ % 8)},
                      now_);
        break;
      case 5:
      case 6:
      case 7:
        Answer();
        break;
      case 8:
        gate_.OnEncoder(encoder_ -= random_() % 30 == 0 ? 40 : 0, now_);
        break;
      case 9:
        gate_.OnPlcPart(random_() % 1000, now_);
        gate_.OnPlcBeat(random_() % 2 == 0, now_);
        break;
      case 10:
        Rarely();
        break;
      case 11:
        now_ = std::max(now_, std::min(gate_.NextTimer(), now_ + Duration(9'000'000)));
        gate_.OnTime(now_);
        break;
      default:
        GoodPart();
    }
  }

 private:
  void Answer() {
    stuck_ = stuck_ && random_() % 40 != 0;
    if (!world_.running || stuck_) return gate_.OnTime(now_);
    gate::Answer answer = testing::MakeAnswer(static_cast<Verdict>(random_() % 5 / 2));
    answer.windows = static_cast<std::uint8_t>(random_() % (kMaxWindows + 1));
    for (std::size_t i = 0; i < answer.windows; ++i) {
      answer.window_scores[i] = static_cast<float>(random_() % 1000) / 999.0F;
    }
    answer.defect_score = random_() % 50 == 0 ? std::numeric_limits<double>::quiet_NaN() : 0.25;
    answer.started_at = now_ - Duration(random_() % 2'000'000);
    answer.finished_at = now_;
    const PartId part = *world_.running;
    world_.running.reset();
    gate_.OnAnswer(part, answer, now_);
  }
  // As a line is most of the time; on a belt its place comes some parts later.
  void GoodPart() {
    if (world_.running) Answer();
    now_ += std::chrono::milliseconds(12);
    gate_.OnEncoder(encoder_ += 12, now_);
    gate_.OnTrigger(now_, now_, encoder_);
    gate_.OnPlcPart(random_(), now_);
    now_ += Duration(random_() % 4 == 0 ? 4'500'000 : 2'500'000);
    gate_.OnFrame({frames_++, now_ - Duration(500'000), now_, false, 1}, now_);
    // Rarely long, so that the measured reserve is remembered from long ago.
    now_ += Duration(random_() % 50 == 0 ? 5'000'000 : random_() % 1'000'000);
    if (world_.running) Answer();
    for (int timer = 0; timer < 6; ++timer) {
      if (gate_.NextTimer() > now_ + Duration(6'000'000)) break;
      now_ = std::max(now_, gate_.NextTimer());
      gate_.OnTime(now_);
    }
  }
  void Rarely() {
    switch (random_() % 12) {
      case 0:
        gate_.StartChallenge(random_() % 4, now_);
        break;
      case 1:
        gate_.Take(Command::kStop, now_);
        gate_.ChangeRelease(random_() % 100, now_);
        gate_.Take(Command::kPrepare, now_);
        gate_.Take(random_() % 3 == 0 ? Command::kStartSingle : Command::kStartContinuous, now_);
        break;
      case 2:
        gate_.Take(static_cast<Command>(random_() % 9), now_);
        break;
      case 3:
        gate_.OnGateSensor(now_);
        break;
      case 4:
        gate_.OnBinSensor(now_);
        break;
      case 5:
        gate_.Take(Command::kReset, now_);
        GoOnline();
        break;
      case 6:
        stuck_ = world_.running.has_value();
        now_ += std::chrono::milliseconds(stuck_ ? 1'100 : 0);
        break;
      default:
        gate_.Acknowledge(random_() % 2 == 0 ? "a shift lead" : std::string(60, 'n'), now_);
    }
  }

  Random& random_;
  RecordedGate& gate_;
  World& world_;
  bool stuck_ = false;  // the model does not come back
  TimePoint now_ = At(100);
  std::uint32_t encoder_ = std::numeric_limits<std::uint32_t>::max() - 50;
  std::uint64_t frames_ = 0;
};

Result<Replay> Replayed(const GateSettings& settings, const EventLog::Handed& handed) {
  return ReplayLog(settings, std::span(handed.stretches).first(handed.count));
}

TEST(EventLog, RandomLinesReplayBitForBitFromAnyCheckpoint) {
  std::uint64_t decisions = 0, released = 0, inputs = 0, full = 0;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    Random random{std::mt19937(seed)};
    const GateSettings settings = SettingsOf(random);
    ASSERT_TRUE(CheckSettings(settings)) << CheckSettings(settings).error().message;
    World world(random);
    EventLog log(settings, 1);  // as small as it can be, so that stretches change often
    RecordedGate gate(settings, world, &log);
    RandomLine line(random, gate, world);
    line.GoOnline();
    for (int round = 0; round < 4; ++round) {
      for (int step = 0; step < 1200; ++step) line.Step();
      const auto handed = gate.TakeLog();
      ASSERT_TRUE(handed);
      full += handed->count == 2 ? 1U : 0U;
      const auto replay = Replayed(settings, *handed);
      ASSERT_TRUE(replay) << replay.error().message;
      ASSERT_FALSE(replay->difference)
          << "seed " << seed << ", event " << replay->difference->event;
      decisions += replay->decisions;
      inputs += replay->inputs;
      log.Return();
    }
    released += gate.counts().released;
  }
  EXPECT_GT(full, 300U) << "stretches must follow each other";
  EXPECT_GT(inputs, 300'000U);
  EXPECT_GT(decisions, 50'000U);
  EXPECT_GT(released, 1'000U);
}

class OneLog : public ::testing::Test {
 protected:
  OneLog() {
    for (const Command command :
         {Command::kInitialize, Command::kPrepare, Command::kStartContinuous}) {
      gate.Take(command, At(0));
    }
  }
  void GoodPart(double edge_ms) {
    gate.OnTrigger(At(edge_ms), At(edge_ms));
    gate.OnFrame({frames++, At(edge_ms + 2), At(edge_ms + 2.5), false, 0}, At(edge_ms + 2.5));
    const PartId part = *out.running;
    out.running.reset();
    gate.OnAnswer(part, testing::MakeAnswer(Verdict::kPass), At(edge_ms + 4));
    gate.OnTime(At(edge_ms + 9.5));
  }

  GateSettings settings;
  Recorder out;
  EventLog log{settings};
  RecordedGate gate{settings, out, &log};
  std::uint64_t frames = 0;
};

TEST_F(OneLog, HoldsEveryInputAndEveryOutputInOrder) {
  GoodPart(10);
  const auto handed = gate.TakeLog();
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

TEST_F(OneLog, IsHandedOutOnceUntilItComesBack) {
  GoodPart(10);
  EXPECT_TRUE(gate.TakeLog());
  GoodPart(20);
  EXPECT_FALSE(gate.TakeLog()) << "the first one is still being written";
  log.Return();
  const auto second = gate.TakeLog();
  ASSERT_TRUE(second);
  EXPECT_EQ(Replayed(settings, *second)->decisions, 1U) << "what was handed out is not kept";
}

TEST_F(OneLog, WhatWasHandedOutStaysWhileTheGateGoesOn) {
  GoodPart(10);
  const auto handed = gate.TakeLog();
  const std::vector<std::uint8_t> before(handed->stretches[0].events.begin(),
                                         handed->stretches[0].events.end());
  for (int part = 1; part < 20'000; ++part) GoodPart(10 + 10 * part);
  EXPECT_TRUE(std::equal(before.begin(), before.end(), handed->stretches[0].events.begin()));
  log.Return();
  const auto second = gate.TakeLog();
  ASSERT_EQ(second->count, 2U);
  EXPECT_FALSE(Replayed(settings, *second)->difference);
}

TEST_F(OneLog, AnEventThatWasAnotherOneIsFound) {
  GoodPart(10);
  const auto handed = gate.TakeLog();
  auto events = *ReadEvents(handed->stretches[0].events);
  for (auto& one : events) {
    if (auto* answered = std::get_if<event::Answered>(&one)) {
      answered->answer.verdict = Verdict::kFail;
    }
  }
  std::vector<std::uint8_t> bytes;
  for (const auto& one : events) {
    const auto more = BytesOf(one);
    bytes.insert(bytes.end(), more.begin(), more.end());
  }
  const std::vector<LogStretch> changed = {{handed->stretches[0].state, bytes}};
  const auto replay = ReplayLog(settings, changed);
  ASSERT_TRUE(replay);
  ASSERT_TRUE(replay->difference);
  EXPECT_TRUE(std::holds_alternative<event::LineSet>(*replay->difference->recorded)) << "PASS";
  EXPECT_FALSE(std::get<event::PartDecided>(*replay->difference->replayed).decision.released);
}

TEST_F(OneLog, DamagedBytesAreRefused) {
  GoodPart(10);
  const auto handed = gate.TakeLog();
  const LogStretch whole = handed->stretches[0];
  for (std::size_t size = 1; size < whole.state.size(); size += 97) {
    const std::vector<LogStretch> cut = {{whole.state.first(size), whole.events}};
    EXPECT_FALSE(ReplayLog(settings, cut)) << size;
  }
  GateSettings other = settings;
  other.parts_in_flight = 3;
  const std::vector<LogStretch> all = {whole};
  EXPECT_FALSE(ReplayLog(other, all)) << "the state of a larger ring";
  EXPECT_FALSE(ReadEvents(whole.events.first(whole.events.size() - 1)));
  const std::vector<std::uint8_t> unknown = {200};
  EXPECT_FALSE(ReadEvents(unknown));
  const std::vector<std::uint8_t> no_command = {event::Command::kKind, 99, 0, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_FALSE(ReadEvents(no_command));
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
  ASSERT_TRUE(CheckSettings(settings)) << CheckSettings(settings).error().message;
  Recorder out;
  EventLog log(settings, 1);
  RecordedGate gate(settings, out, &log);
  for (const Command command :
       {Command::kInitialize, Command::kPrepare, Command::kStartContinuous}) {
    gate.Take(command, At(0));
  }
  Answer pass = testing::MakeAnswer(Verdict::kPass);
  pass.windows = kMaxWindows;
  for (std::uint64_t k = 0; k < 180; ++k) {
    const double edge = 10.0 * static_cast<double>(k + 1);
    gate.OnTrigger(At(edge), At(edge));
    gate.OnFrame({k, At(edge + 2), At(edge + 2.5), false, 0}, At(edge + 2.5));
    const PartId part = *out.running;
    out.running.reset();
    gate.OnAnswer(part, pass, At(edge + 4));
  }
  gate.Take(Command::kHalt, At(1810));
  EXPECT_EQ(gate.counts().rejected + gate.counts().released, 180U);
  const auto handed = gate.TakeLog();
  ASSERT_TRUE(handed);
  const auto replay = Replayed(settings, *handed);
  ASSERT_TRUE(replay) << replay.error().message;
  EXPECT_FALSE(replay->difference);
  EXPECT_GE(replay->decisions, 150U);
}

}  // namespace
}  // namespace taktgate::gate
