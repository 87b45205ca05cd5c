#ifndef TAKTGATE_LINE_REPLAY_KIND_H_
#define TAKTGATE_LINE_REPLAY_KIND_H_

#include <optional>

#include "line/device_kind.h"
#include "line/replay.h"

namespace taktgate::line {

// The light barrier of a line that is replayed at a part rate: where no other trigger is named.
extern const DeviceKind<Trigger> kReplayTriggerKind;

// How often parts come, where [line] says it.
std::optional<Duration> ReadPeriod(DeviceTables& tables);

// The schedule that trigger and camera of a replayed line share, from [line] and [camera].
Schedule ReadSchedule(DeviceTables& tables);

// The same for a camera: what it says about the line is filled in.
Schedule ReadScheduleOfCamera(DeviceTables& tables, LineFacts& facts);

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_REPLAY_KIND_H_
