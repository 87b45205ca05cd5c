#ifndef TAKTGATE_STATION_RELEASE_CHANGE_H_
#define TAKTGATE_STATION_RELEASE_CHANGE_H_

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "control/orders.h"
#include "station/release_slot.h"

namespace taktgate::station {

// What somebody asks the gate thread for: another release in force. Plain values; it goes through
// a ring.
struct ReleaseWish {
  const LoadedRelease* next = nullptr;
  control::Order order;     // whose it is; its number says which answer is to which wish
  TimePoint forced_at{};    // from here on, also with parts in flight
  TimePoint given_up_at{};  // where even that is not possible
};

// Why the release stayed what it was.
enum class NotChanged : std::uint8_t {
  kItWas,      // it was changed
  kState,      // neither online nor Ready
  kBelt,       // has run back: only a person may say that it is clear
  kChallenge,  // its parts would be of two releases, and prove neither
  kBusy,       // the gate thread, or the inference thread is not back
};

// What the gate thread says to it, and how the station is after it.
struct ReleaseAnswer {
  NotChanged why_not = NotChanged::kItWas;
  control::OrderAnswer station;
};

// For a person: what stands in the way, and what to do.
std::string InWords(NotChanged why_not, gate::State state);

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_RELEASE_CHANGE_H_
