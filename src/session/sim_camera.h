#ifndef TAKTGATE_SESSION_SIM_CAMERA_H_
#define TAKTGATE_SESSION_SIM_CAMERA_H_

#include "line/device_kind.h"

namespace taktgate::session {

// [camera] source = "sim": made-up circuit boards, whose truth is known.
extern const line::DeviceKind<line::Camera> kSimCameraKind;

}  // namespace taktgate::session

#endif  // TAKTGATE_SESSION_SIM_CAMERA_H_
