#ifndef TAKTGATE_SESSION_DEVICE_KINDS_H_
#define TAKTGATE_SESSION_DEVICE_KINDS_H_

#include <vector>

#include "line/device_kind.h"

namespace taktgate::session {

// Every kind of device that a station file can name. Of triggers and outputs the first that is
// named is taken; of signals every one that is named.
struct DeviceKinds {
  std::vector<line::DeviceKind<line::Camera>> cameras;
  std::vector<line::DeviceKind<line::Trigger>> triggers;
  std::vector<line::DeviceKind<line::Signals>> signals;
  std::vector<line::DeviceKind<line::Output>> outputs;
};

// Those that taktgate ships.
const DeviceKinds& ShippedDeviceKinds();

}  // namespace taktgate::session

#endif  // TAKTGATE_SESSION_DEVICE_KINDS_H_
