// Faults of a line with real threads end up in an incident that replays. A busy machine may miss
// parts, so alarms are off but for the one that a test is about, and nothing is away for too long.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "base/test_tree.h"
#include "gate/replay_log.h"
#include "incident/incident_recorder.h"
#include "inspect/test_release.h"
#include "line/memory_output.h"
#include "line/replay.h"
#include "record/test_releases.h"
#include "station/station.h"

namespace taktgate::station {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

class StationIncidents : public ::testing::Test {
 protected:
  StationIncidents() { settings.gate.escalation = gate::EscalationSettings::Off(); }

  void Build(infer::FakeClassifier::Behaviour behaviour, std::vector<line::CameraFault> faults = {},
             int buffers = 16) {
    settings.gate.window = settings.gate.capture_until = milliseconds(28);
    settings.gate.fault_after = std::chrono::seconds(60);
    settings.lock_memory = false;
    settings.realtime_threads = false;
    inspector = inspect::testing::SmallInspector(std::move(behaviour));
    line::Schedule schedule;
    schedule.parts = 40;
    schedule.period = milliseconds(30);
    schedule.acquisition_delay = microseconds(500);
    schedule.acquisition_jitter = Duration(0);
    trigger = std::make_unique<line::ReplayTrigger>(schedule, clock);
    camera = *line::ReplayCamera::Open(
        schedule, clock, *line::MemorySource::Create({inspect::testing::SmallFrame(10, 20)}),
        std::move(faults), buffers);
    incidents = std::make_unique<incident::IncidentRecorder>(
        incident::IncidentSettings{tree.root() / "incidents", 4, 20}, settings.gate,
        incident::IncidentHeader{}, 64 * 48, [](std::string_view) {},
        record::testing::SmallReleases());
    station = std::make_unique<Station>(
        settings, clock, Devices{*trigger, *camera, output}, *inspector, records,
        [](std::string_view) {}, Keeping{.incidents = incidents.get()});
  }
  Status Run() {
    records.Start();
    incidents->Start();
    if (Status started = station->Start(milliseconds(5)); !started) return started;
    const Status ended = station->Wait();
    incidents->Stop();
    records.Stop();
    return ended;
  }
  // The only incident there is; its replay must be the same.
  incident::Incident Only(const std::string& reason) {
    const auto path = tree.root() / "incidents" / ("incident-000001-" + reason + ".tgi");
    auto incident = incident::ReadIncidentFile(path);
    EXPECT_TRUE(incident) << incident.error().message;
    EXPECT_EQ(incidents->written(), 1U);
    const auto replay = gate::ReplayLog(incident->settings, incident->stretches);
    EXPECT_TRUE(replay);
    EXPECT_FALSE(replay->difference) << "event " << replay->difference->event;
    EXPECT_GT(replay->decisions, 0U);
    return std::move(*incident);
  }

  static inline MonotonicClock clock;
  taktgate::testing::Tree tree;
  StationSettings settings;
  std::unique_ptr<inspect::Inspector> inspector;
  std::unique_ptr<line::ReplayTrigger> trigger;
  std::unique_ptr<line::ReplayCamera> camera;
  line::MemoryOutput output;
  record::RecordQueue records{4096, {}};
  std::unique_ptr<incident::IncidentRecorder> incidents;
  std::unique_ptr<Station> station;
};

TEST_F(StationIncidents, ALineWithoutFaultsWritesNoneAndLosesNoBuffer) {
  constexpr int kBuffers = 2;
  Build(inspect::testing::SayBadWhenBright, {}, kBuffers);
  EXPECT_TRUE(Run());
  EXPECT_EQ(incidents->written() + incidents->not_written(), 0U);
  EXPECT_EQ(station->parts(), 40U);
  EXPECT_GT(station->ledger().released(), std::uint64_t{kBuffers}) << "they were given back";
}

TEST_F(StationIncidents, ACameraThatGoesAwayIsOneWithItsFrames) {
  Build(inspect::testing::SayBadWhenBright, {{20, line::CameraFault::Kind::kGone}});
  EXPECT_FALSE(Run());
  const incident::Incident incident = Only("device_failed");
  ASSERT_EQ(incident.frames.size(), 4U);
  EXPECT_EQ(incident.frames.back().pixels, inspect::testing::SmallFrame(10, 20).pixels);
  EXPECT_EQ(incident.frames.back().info.sequence, incident.frames.front().info.sequence + 3);
}

TEST_F(StationIncidents, AnAlarmOfEscalationIsOne) {
  settings.gate.escalation.rejects_stop = 3;
  Build([](std::span<const float>, std::span<float> logits, const std::atomic<bool>&) {
    logits[0] = -4.0F;
    logits[1] = 4.0F;
    return infer::RunOutcome::kDone;
  });
  EXPECT_TRUE(Run());
  EXPECT_EQ(Only("line_stop").header.reason, "line_stop");
}

TEST_F(StationIncidents, ARequestIsAnswered) {
  Build(inspect::testing::SayBadWhenBright);
  records.Start();
  incidents->Start();
  ASSERT_TRUE(station->Start(milliseconds(5)));
  station->RequestIncident();
  EXPECT_TRUE(station->Wait());
  EXPECT_TRUE(incidents->Stop());
  EXPECT_TRUE(
      incident::ReadIncidentFile(tree.root() / "incidents" / "incident-000001-request.tgi"));
}

}  // namespace
}  // namespace taktgate::station
