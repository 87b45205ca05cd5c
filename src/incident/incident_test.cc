#include "incident/incident.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/test_tree.h"
#include "base/test_wait.h"
#include "gate/replay_log.h"
#include "incident/incident_recorder.h"
#include "record/test_releases.h"

namespace taktgate::incident {
namespace {

using gate::Command;
using taktgate::testing::Comes;
using taktgate::testing::Tree;

TimePoint At(std::int64_t ms) { return TimePoint(std::chrono::milliseconds(ms)); }

image::Frame FrameOf(const image::Image& pixels, std::uint64_t sequence, std::uint32_t slot) {
  return {{sequence, At(2), At(3), image::FrameStatus::kPartial}, pixels.View(), slot};
}

image::Image Pixels(std::uint8_t value) {
  return {std::vector<std::uint8_t>(6 * 4, value), 6, 4, image::PixelFormat::kGrey8};
}

class Incidents : public ::testing::Test {
 protected:
  Incidents() { settings.folder = tree.root() / "incidents"; }

  std::unique_ptr<IncidentRecorder> Recorder() {
    IncidentHeader header;
    header.program = "1.2.3";
    header.station = "line \"3\"";
    header.boot = 7;
    return std::make_unique<IncidentRecorder>(
        settings, gate_settings, header, 24,
        [this](std::string_view text) { notices.emplace_back(text); },
        record::testing::SmallReleases());
  }
  void Run(gate::RecordedGate& gate, int parts) {
    for (int part = 0; part < parts; ++part) {
      now += 10;
      gate.On(gate::event::Trigger{0, At(now), At(now)});
      gate.On(gate::event::Time{At(now + 9)});
    }
  }
  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(settings.folder)) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  Tree tree;
  IncidentSettings settings;
  gate::GateSettings gate_settings;
  gate::GateOutputs outputs;
  std::vector<std::string> notices;
  std::int64_t now = 0;
};

TEST_F(Incidents, AreWrittenReadAndReplayed) {
  auto recorder = Recorder();
  gate::RecordedGate gate(gate_settings, outputs, recorder->log());
  recorder->Start();
  gate.On(gate::event::Command{Command::kInitialize, At(0), At(0)});
  Run(gate, 50);
  const image::Image first = Pixels(11), second = Pixels(22);
  for (const auto& frame : {FrameOf(first, 5, 1), FrameOf(second, 6, 2)}) {
    recorder->frames().Keep(frame);
  }
  recorder->CollectIfWanted(gate, At(now));
  recorder->Want(IncidentReason::kLineStop);
  recorder->Want(IncidentReason::kRequest);  // the first reason counts
  recorder->CollectIfWanted(gate, At(now));
  ASSERT_TRUE(recorder->Stop());
  EXPECT_EQ(recorder->written(), 1U);
  ASSERT_EQ(Files(), std::vector<std::string>{"incident-000001-line_stop.tgi"});
  auto incident = ReadIncidentFile(settings.folder / Files()[0]);
  ASSERT_TRUE(incident) << incident.error().message;
  EXPECT_EQ(incident->header.program, "1.2.3");
  EXPECT_EQ(incident->header.station, "line \"3\"");
  EXPECT_EQ(incident->header.reason, "line_stop");
  ASSERT_EQ(incident->header.releases.size(), 2U);
  EXPECT_EQ(incident->header.releases[0].number, 1U);
  EXPECT_EQ(incident->header.releases[0].id, std::string(64, 'a'));
  EXPECT_EQ(incident->header.releases[0].engine, "taktgate/avx2");
  EXPECT_EQ(incident->header.releases[1].number, 2U);
  EXPECT_EQ(incident->header.releases[1].id, std::string(64, 'b'));
  EXPECT_EQ(incident->header.releases[1].name, "small");
  EXPECT_EQ(incident->header.releases[1].version, "of b");
  ASSERT_EQ(incident->frames.size(), 2U);
  EXPECT_EQ(incident->frames[0].info.sequence, 5U);
  EXPECT_EQ(incident->frames[1].pixels, second.pixels);
  EXPECT_EQ(incident->frames[1].width, 6);
  EXPECT_EQ(incident->frames[1].info.status, image::FrameStatus::kPartial);
  const auto replay = gate::ReplayLog(incident->settings, incident->stretches);
  ASSERT_TRUE(replay) << replay.error().message;
  EXPECT_FALSE(replay->difference);
  EXPECT_EQ(replay->decisions, 50U);
}

TEST_F(Incidents, OfTwoReleasesAreReplayed) {
  auto recorder = Recorder();
  gate::RecordedGate gate(gate_settings, outputs, recorder->log());
  recorder->Start();
  gate.On(gate::event::Command{Command::kInitialize, At(0), At(0)});
  for (const std::uint32_t release : {1U, 2U}) {
    const gate::event::ChangeRelease change{release, std::chrono::milliseconds(release), At(now),
                                            At(now)};
    ASSERT_TRUE(gate.On(change));
    Run(gate, 3);
  }
  recorder->Want(IncidentReason::kRequest);
  recorder->CollectIfWanted(gate, At(now));
  ASSERT_TRUE(recorder->Stop());
  auto incident = ReadIncidentFile(settings.folder / Files()[0]);
  ASSERT_TRUE(incident) << incident.error().message;
  const auto replay = gate::ReplayLog(incident->settings, incident->stretches);
  ASSERT_TRUE(replay) << replay.error().message;
  EXPECT_FALSE(replay->difference);
  std::vector<std::uint32_t> of_parts;
  const auto events = gate::ReadEvents(incident->stretches[0].events);
  ASSERT_TRUE(events);
  for (const gate::event::Any& event : *events) {
    const auto* decided = std::get_if<gate::event::PartDecided>(&event);
    if (decided != nullptr) of_parts.push_back(decided->decision.release);
  }
  EXPECT_EQ(of_parts, (std::vector<std::uint32_t>{1, 1, 1, 2, 2, 2}));
}

TEST_F(Incidents, NothingIsWrittenUnlessItIsWanted) {
  auto recorder = Recorder();
  gate::RecordedGate gate(gate_settings, outputs, recorder->log());
  recorder->Start();
  Run(gate, 5);
  recorder->CollectIfWanted(gate, At(now));
  ASSERT_TRUE(recorder->Stop());
  EXPECT_FALSE(std::filesystem::exists(settings.folder));
}

TEST_F(Incidents, OneInTenSecondsUnlessAskedForAndTheOldestGoes) {
  settings.keep = 2;
  auto recorder = Recorder();
  gate::RecordedGate gate(gate_settings, outputs, recorder->log());
  std::uint64_t expected = 0;
  recorder->Start();
  const auto take = [&](IncidentReason reason, bool written) {
    Run(gate, 3);
    recorder->Want(reason);
    recorder->CollectIfWanted(gate, At(now));
    expected += written ? 1U : 0U;
    EXPECT_TRUE(Comes("the incident", [&] { return recorder->written() >= expected; }));
  };
  take(IncidentReason::kTrackingLost, true);
  take(IncidentReason::kTrackingLost, false);
  take(IncidentReason::kRequest, true);
  now += 9'900;
  take(IncidentReason::kLineStop, false);
  now += 200;
  take(IncidentReason::kLineStop, true);
  ASSERT_TRUE(recorder->Stop());
  EXPECT_EQ(recorder->not_written(), 2U);
  EXPECT_EQ(Files(), (std::vector<std::string>{"incident-000002-request.tgi",
                                               "incident-000003-line_stop.tgi"}));
}

TEST_F(Incidents, AFolderThatCannotBeWrittenIsSaidOnceAndCounted) {
  tree.Write("incidents", "a file where the folder should be");
  auto recorder = Recorder();
  gate::RecordedGate gate(gate_settings, outputs, recorder->log());
  recorder->Start();
  Run(gate, 1);
  recorder->Want(IncidentReason::kRequest);
  recorder->CollectIfWanted(gate, At(now));
  ASSERT_TRUE(recorder->Stop());
  EXPECT_EQ(recorder->not_written(), 1U);
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_NE(notices[0].find("[incident] folder"), std::string::npos) << notices[0];
}

TEST_F(Incidents, AlarmsThatAreIncidents) {
  using gate::AlarmKind;
  using gate::Severity;
  const auto reason_of = [&](AlarmKind kind, Severity severity) -> std::string {
    auto recorder = Recorder();
    gate::RecordedGate gate(gate_settings, outputs, recorder->log());
    std::filesystem::remove_all(settings.folder);
    recorder->Start();
    Run(gate, 1);
    recorder->OnAlarm({kind, severity, {}});
    recorder->CollectIfWanted(gate, At(now));
    recorder->Stop();
    return recorder->written() == 0 ? "" : Files()[0];
  };
  EXPECT_EQ(reason_of(AlarmKind::kRejectsInARow, Severity::kAmber), "");
  EXPECT_NE(reason_of(AlarmKind::kRejectsInARow, Severity::kStop).find("line_stop"),
            std::string::npos);
  EXPECT_NE(reason_of(AlarmKind::kBeltReversed, Severity::kAmber).find("tracking_lost"),
            std::string::npos);
  EXPECT_NE(reason_of(AlarmKind::kInferenceAway, Severity::kStop).find("inference_away"),
            std::string::npos);
}

TEST_F(Incidents, EveryFlippedByteAndEveryCutIsRefused) {
  auto recorder = Recorder();
  gate::RecordedGate gate(gate_settings, outputs, recorder->log());
  Run(gate, 3);
  const auto handed = gate.HandOverLog();
  ASSERT_TRUE(handed);
  KeptFrame frame{{}, 0, 6, 4, image::PixelFormat::kGrey8, Pixels(1).pixels};
  const KeptFrame* frames[] = {&frame};
  const std::string text =
      EncodeIncident({"1", "s", "request", 1, {{1, std::string(64, 'a'), "n", "v"}}, "now", 0},
                     gate_settings, std::span(handed->stretches).first(1), frames);
  const std::vector<std::uint8_t> whole(text.begin(), text.end());
  ASSERT_TRUE(DecodeIncident(whole));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    auto flipped = whole;
    flipped[i] ^= 0x20;
    EXPECT_FALSE(DecodeIncident(flipped)) << "byte " << i;
  }
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(DecodeIncident({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}))
        << size;
  }
  auto longer = whole;
  longer.push_back(0);
  EXPECT_EQ(DecodeIncident(longer).error().code, ErrorCode::kCorrupt);
  auto newer = whole;
  newer[8] = 5;
  EXPECT_EQ(DecodeIncident(newer).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(DecodeIncident({'%', 'P', 'D', 'F', '-', '1', '.', '7', '\n'}).error().code,
            ErrorCode::kInvalid);
}

// A camera that never rests while incidents are written: no frame is half of another one.
TEST_F(Incidents, HoldWholeFramesWhileTheCameraGoesOn) {
  auto recorder = Recorder();
  gate::RecordedGate gate(gate_settings, outputs, recorder->log());
  recorder->Start();
  std::atomic<bool> over{false};
  std::atomic<std::uint64_t> kept{0};
  std::thread camera([&] {
    for (std::uint64_t sequence = 0; !over; ++sequence) {
      const image::Image pixels = Pixels(static_cast<std::uint8_t>(sequence));
      recorder->frames().Keep(FrameOf(pixels, sequence, 0));
      ++kept;
    }
  });
  EXPECT_TRUE(Comes("the first frame", [&] { return kept > 0; }));
  for (std::uint64_t wanted = 1; wanted <= 10; ++wanted) {
    Run(gate, 3);
    recorder->Want(IncidentReason::kRequest);
    recorder->CollectIfWanted(gate, At(now));
    if (!Comes("the incident", [&] { return recorder->written() >= wanted; })) break;
  }
  over = true;
  camera.join();
  ASSERT_TRUE(recorder->Stop());
  ASSERT_EQ(Files().size(), 10U);
  std::size_t frames = 0;
  for (const std::string& file : Files()) {
    auto incident = ReadIncidentFile(settings.folder / file);
    ASSERT_TRUE(incident) << incident.error().message;
    for (const KeptFrame& frame : incident->frames) {
      EXPECT_EQ(frame.pixels, Pixels(static_cast<std::uint8_t>(frame.info.sequence)).pixels);
      ++frames;
    }
  }
  EXPECT_GT(frames, 0U);
}

TEST(FrameHistory, KeepsTheLastOnesAndNothingWhilePaused) {
  FrameHistory history(2, 24);
  const std::vector<image::Image> pixels = {Pixels(1), Pixels(2), Pixels(3), Pixels(4)};
  for (std::uint64_t i = 0; i < 3; ++i) history.Keep(FrameOf(pixels[i], i, 0));
  history.Pause();
  history.Keep(FrameOf(pixels[3], 3, 0));
  auto frames = history.Look();
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0]->info.sequence, 1U);
  EXPECT_EQ(frames[1]->pixels, pixels[2].pixels);
  EXPECT_EQ(history.not_kept(), 1U);
  history.Resume();
  history.Keep(FrameOf(pixels[3], 3, 0));
  EXPECT_EQ(history.Look()[1]->info.sequence, 3U);
}

TEST(FrameHistory, CopiesRowsWithoutTheirPadding) {
  FrameHistory history(1, 24);
  const std::vector<std::uint8_t> padded = {1, 2, 3, 0, 0, 4, 5, 6, 0, 0};
  image::Frame frame;
  frame.view = {padded.data(), 3, 2, 5, image::PixelFormat::kGrey8};
  history.Keep(frame);
  EXPECT_EQ(history.Look()[0]->pixels, (std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6}));
}

TEST(FrameHistory, AFrameThatIsTooLargeIsCountedAndNotKept) {
  FrameHistory history(1, 23);
  const image::Image pixels = Pixels(1);
  history.Keep(FrameOf(pixels, 1, 0));
  EXPECT_EQ(history.not_kept(), 1U);
  EXPECT_TRUE(history.Look().empty());
  FrameHistory none(0, 24);
  none.Keep(FrameOf(pixels, 1, 0));
  EXPECT_EQ(none.not_kept(), 1U);
}

}  // namespace
}  // namespace taktgate::incident
