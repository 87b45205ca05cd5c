#ifndef TAKTGATE_LINE_SHARED_SHARED_KINDS_H_
#define TAKTGATE_LINE_SHARED_SHARED_KINDS_H_

#include "line/device_kind.h"

namespace taktgate::line {

// [line] shared: a line in another process, whose devices share one place on it. Inputs of this
// machine ([input]) are instead of its edges and signals.
extern const DeviceKind<Camera> kSharedCameraKind;
extern const DeviceKind<Trigger> kSharedTriggerKind;
extern const DeviceKind<Signals> kSharedSignalsKind;
extern const DeviceKind<Output> kSharedOutputKind;

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_SHARED_SHARED_KINDS_H_
