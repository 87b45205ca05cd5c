#include "line/replay_kind.h"

#include <cmath>
#include <memory>

namespace taktgate::line {
namespace {

Opener<Trigger> ReadReplayTrigger(DeviceTables& tables, LineFacts& facts) {
  const Schedule schedule = ReadSchedule(tables);
  facts.trigger_replays = true;
  facts.period = schedule.period;
  return [schedule](Surroundings& around) -> Result<std::shared_ptr<Trigger>> {
    return {std::make_shared<ReplayTrigger>(schedule, around.clock)};
  };
}

}  // namespace

const DeviceKind<Trigger> kReplayTriggerKind{"replay", nullptr, ReadReplayTrigger};

std::optional<Duration> ReadPeriod(DeviceTables& tables) {
  double parts_per_second = 0;
  tables["line"].Real("parts_per_second", 0.001, 10'000, parts_per_second);
  if (parts_per_second == 0) return std::nullopt;
  return Duration(static_cast<Duration::rep>(std::llround(1e9 / parts_per_second)));
}

Schedule ReadSchedule(DeviceTables& tables) {
  Schedule schedule;
  schedule.period = ReadPeriod(tables).value_or(schedule.period);
  tables["line"].Whole("parts", 0, INT64_MAX, schedule.parts);
  tables["line"].Whole("seed", 0, INT64_MAX, schedule.seed);
  tables["camera"].TimeOrZero("acquisition_delay", schedule.acquisition_delay);
  tables["camera"].TimeOrZero("acquisition_jitter", schedule.acquisition_jitter);
  return schedule;
}

Schedule ReadScheduleOfCamera(DeviceTables& tables, LineFacts& facts) {
  const Schedule schedule = ReadSchedule(tables);
  const Duration delay = schedule.acquisition_delay;
  facts.frames = {delay / 2, delay, schedule.acquisition_jitter};
  facts.camera_replays = true;
  return schedule;
}

}  // namespace taktgate::line
