#ifndef TAKTGATE_SESSION_REPLAY_CAMERA_H_
#define TAKTGATE_SESSION_REPLAY_CAMERA_H_

#include "line/device_kind.h"

namespace taktgate::session {

// [camera] source = "replay": the frames of a sample list or folder, over and over.
extern const line::DeviceKind<line::Camera> kReplayCameraKind;

}  // namespace taktgate::session

#endif  // TAKTGATE_SESSION_REPLAY_CAMERA_H_
