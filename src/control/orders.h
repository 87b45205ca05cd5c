#ifndef TAKTGATE_CONTROL_ORDERS_H_
#define TAKTGATE_CONTROL_ORDERS_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "gate/challenge.h"
#include "gate/events.h"
#include "gate/gate.h"
#include "gate/outputs.h"

namespace taktgate::control {

// What a person tells a running station.
struct Order {
  enum class Kind : std::uint8_t {
    kLook,         // nothing is changed
    kAcknowledge,  // ends alarms and a line stop
    kStart,        // go online
    kStop,         // go offline: parts are rejected
    kChallenge,    // the next `parts` parts are known to be bad
    kRelease,      // another release decides; by its bundle (words.h)
  };
  Kind kind = Kind::kLook;
  std::uint32_t parts = 0;
  gate::event::ShortName name;  // of the person
  TimePoint at{};               // the station's: when it was given
};

std::string_view ToString(Order::Kind kind);

// What the gate thread answers to an order, and the station's state after it.
struct OrderAnswer {
  bool taken = false;
  gate::State state{};
  gate::Severity severity{};
  // By kind of alarm; kCalm for one that is not open.
  std::array<gate::Severity, gate::kAlarmKinds> alarms{};
  gate::Counts counts;
  gate::ChallengeResult challenge;
  std::uint32_t release = 0;  // number of the one in force
  // Parts in flight that were rejected for a change of the release, or whose PASS it cut short.
  std::uint64_t cut_off = 0;
};

}  // namespace taktgate::control

#endif  // TAKTGATE_CONTROL_ORDERS_H_
