#ifndef TAKTGATE_SESSION_DEVICE_PLAN_H_
#define TAKTGATE_SESSION_DEVICE_PLAN_H_

#include <string>
#include <vector>

#include "line/device_kind.h"
#include "session/device_kinds.h"

namespace taktgate::session {

// The devices that a station file names, ready to be opened, and what they say about their line.
struct DevicePlan {
  struct NamedSignals {
    std::string kind;
    line::Opener<line::Signals> open;
  };
  line::Opener<line::Output> output;
  line::Opener<line::Trigger> trigger;
  std::vector<NamedSignals> signals;
  line::Opener<line::Camera> camera;
  line::LineFacts facts;
};

// Finds the kinds that the tables name and lets them read their keys. What is wrong is kept by the
// tables.
DevicePlan ReadDevices(line::DeviceTables& tables, const DeviceKinds& kinds);

}  // namespace taktgate::session

#endif  // TAKTGATE_SESSION_DEVICE_PLAN_H_
