#ifndef TAKTGATE_LINE_GPIO_GPIO_KINDS_H_
#define TAKTGATE_LINE_GPIO_GPIO_KINDS_H_

#include "line/device_kind.h"

namespace taktgate::line {

// [input]: light barrier, sensors, the PLC's heartbeat and an encoder on inputs of one chip.
// Trigger and signals share them.
extern const DeviceKind<Trigger> kGpioTriggerKind;
extern const DeviceKind<Signals> kGpioSignalsKind;

// [output]: the wires on GPIO outputs.
extern const DeviceKind<Output> kGpioOutputKind;

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_GPIO_GPIO_KINDS_H_
