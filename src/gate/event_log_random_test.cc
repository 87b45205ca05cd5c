// Random lines with every kind of event are recorded and replayed: whatever comes out must be the
// same, from every checkpoint on. A member that a checkpoint forgets shows here.
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
  limits.rate_amber = 5 + random() % (limits.rate_window - 5);
  limits.rate_stop = random() % 2 == 0 ? 0 : limits.rate_window;
  limits.rejects_stop = random() % 2 == 0 ? 0 : 10 + random() % 10;
  limits.faults_stop = random() % 2 == 0 ? 0 : 6 + random() % 10;
  limits.miss_row_stop = random() % 2 == 0 ? 0 : 5;
  limits.misses_amber = 1 + random() % 20;
  const auto mode = static_cast<BeltMode>(random() % 3);
  if (mode == BeltMode::kAtCamera) return settings;
  const std::int64_t unit = mode == BeltMode::kByTime ? 1'000'000 : 1;
  settings.belt = {mode,
                   30 * unit,
                   2 * unit,
                   3 * unit,
                   9 * unit,
                   20,
                   std::chrono::seconds(1),
                   std::chrono::milliseconds(2)};
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
      gate_.On(event::Command{command, now_, now_});
    }
  }
  void Step() {
    now_ += Duration(random_() % 3'000'000);
    encoder_ += random_() % 4;
    switch (random_() % 16) {
      case 0:
      case 1:
      case 2:
        gate_.On(event::Trigger{encoder_, now_ - Duration(random_() % 100'000), now_});
        now_ += std::chrono::milliseconds(random_() % 3);
        [[fallthrough]];
      case 3:
      case 4:
        gate_.On(event::Frame{
            {frames_ += random_() % 20 == 0 ? 2 : 1, now_ - Duration(random_() % 500'000), now_,
             random_() % 30 == 0, static_cast<std::uint32_t>(frames_ % 8)},
            now_});
        break;
      case 5:
      case 6:
      case 7:
        Answer();
        break;
      case 8:
        gate_.On(event::Encoder{encoder_ -= random_() % 30 == 0 ? 40 : 0, Before(), now_});
        break;
      case 9:
        gate_.On(event::PlcPart{random_() % 1000, Before(), now_});
        gate_.On(event::PlcBeat{random_() % 2 == 0, Before(), now_});
        break;
      case 10:
        Rarely();
        break;
      case 11:
        now_ = std::max(now_, std::min(gate_.NextTimer(), now_ + Duration(9'000'000)));
        gate_.On(event::Time{now_});
        break;
      default:
        GoodPart();
    }
  }

 private:
  void TimePasses() { gate_.On(event::Time{now_}); }
  // When something happened that is reported now.
  TimePoint Before() { return now_ - Duration(random_() % 2 * (random_() % 3'000'000)); }
  void Answer() {
    if (!world_.running) return TimePasses();
    if (!stuck_ && random_() % 300 == 0) {
      stuck_ = true;
      now_ += std::chrono::milliseconds(1'100);  // longer than fault_after
    }
    stuck_ = stuck_ && random_() % 40 != 0;
    if (stuck_) return TimePasses();
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
    gate_.On(event::Answered{part, answer, now_});
  }
  // As a line is most of the time; on a belt its place comes some parts later.
  void GoodPart() {
    if (world_.running) Answer();
    now_ += std::chrono::milliseconds(12);
    gate_.On(event::Encoder{encoder_ += 12, now_, now_});
    gate_.On(event::Trigger{encoder_, now_, now_});
    gate_.On(event::PlcPart{random_(), now_, now_});
    now_ += Duration(random_() % 4 == 0 ? 4'500'000 : 2'500'000);
    gate_.On(event::Frame{{frames_++, now_ - Duration(500'000), now_, false, 1}, now_});
    // Rarely long, so that the measured reserve is remembered from long ago.
    now_ += Duration(random_() % 50 == 0 ? 5'000'000 : random_() % 1'000'000);
    if (world_.running) Answer();
    for (int timer = 0; timer < 6; ++timer) {
      if (gate_.NextTimer() > now_ + Duration(6'000'000)) break;
      now_ = std::max(now_, gate_.NextTimer());
      gate_.On(event::Time{now_});
    }
  }
  void Rarely() {
    switch (random_() % 13) {
      case 12:
        gate_.On(event::Resumed{now_, now_});
        break;
      case 0:
        gate_.On(event::StartChallenge{random_() % 4, now_, now_});
        break;
      case 1:
        gate_.On(event::Command{Command::kStop, now_, now_});
        gate_.On(
            event::ChangeRelease{random_() % 100, Duration(random_() % 4'000'000), now_, now_});
        gate_.On(event::Command{Command::kPrepare, now_, now_});
        gate_.On(event::Command{
            random_() % 3 == 0 ? Command::kStartSingle : Command::kStartContinuous, now_, now_});
        break;
      case 2:
        gate_.On(event::Command{static_cast<Command>(random_() % 9), now_, now_});
        break;
      case 3:
        gate_.On(event::GateSensor{Before(), now_});
        break;
      case 4:
        gate_.On(event::BinSensor{Before(), now_});
        break;
      case 5:
        gate_.On(event::Command{Command::kReset, now_, now_});
        GoOnline();
        break;
      default:
        gate_.On(event::Acknowledge{
            event::ShortName(random_() % 2 == 0 ? "a shift lead" : std::string(60, 'n')), now_,
            now_});
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
      const auto handed = gate.HandOverLog();
      ASSERT_TRUE(handed);
      full += handed->count == 2 ? 1U : 0U;
      const auto replay = ReplayLog(settings, std::span(handed->stretches).first(handed->count));
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

}  // namespace
}  // namespace taktgate::gate
