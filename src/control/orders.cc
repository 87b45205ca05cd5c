#include "control/orders.h"

namespace taktgate::control {

std::string_view ToString(Order::Kind kind) {
  switch (kind) {
    case Order::Kind::kLook:
      return "status";
    case Order::Kind::kAcknowledge:
      return "ack";
    case Order::Kind::kStart:
      return "start";
    case Order::Kind::kStop:
      return "stop";
    case Order::Kind::kChallenge:
      return "challenge";
    case Order::Kind::kRelease:
      return "release";
  }
  return "status";
}

}  // namespace taktgate::control
