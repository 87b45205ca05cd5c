// Every kind of device, one line for each.
#include "session/device_kinds.h"

#include "line/gpio/gpio_kinds.h"
#include "line/memory_output_kind.h"
#include "line/replay_kind.h"
#include "line/shared/shared_kinds.h"
#include "session/replay_camera.h"
#include "session/sim_camera.h"

namespace taktgate::session {

const DeviceKinds& ShippedDeviceKinds() {
  static const DeviceKinds kinds{
      .cameras =
          {
              kSimCameraKind,  // where [camera] source is not there
              kReplayCameraKind,
              line::kSharedCameraKind,
          },
      .triggers =
          {
              line::kGpioTriggerKind,
              line::kSharedTriggerKind,
              line::kReplayTriggerKind,
          },
      .signals =
          {
              line::kGpioSignalsKind,
              line::kSharedSignalsKind,
          },
      .outputs =
          {
              line::kGpioOutputKind,
              line::kSharedOutputKind,
              line::kMemoryOutputKind,
          },
  };
  return kinds;
}

}  // namespace taktgate::session
