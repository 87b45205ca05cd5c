#ifndef TAKTGATE_STATION_RELEASE_CHANGE_H_
#define TAKTGATE_STATION_RELEASE_CHANGE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/event_signal.h"
#include "base/result.h"
#include "control/orders.h"
#include "gate/recorded_gate.h"
#include "station/errands.h"
#include "station/gate_records.h"
#include "station/order_desk.h"
#include "station/release_slot.h"

namespace taktgate::station {

// What somebody asks the gate thread for: another release in force.
struct ReleaseWish {
  const LoadedRelease* next = nullptr;
  control::Order order;     // whose it is
  TimePoint forced_at{};    // from here on, also with parts in flight
  TimePoint given_up_at{};  // where even that is not possible
};

// Why the release stayed what it was.
enum class NotChanged : std::uint8_t {
  kState,      // neither online nor Ready
  kBelt,       // has run back: only a person may say that it is clear
  kChallenge,  // its parts would be of two releases, and prove neither
  kBusy,       // the gate thread, or the inference thread is not back
};

// What the gate thread says to it, and how the station is after it.
struct ReleaseAnswer {
  std::optional<NotChanged> why_not;  // nothing: it was changed
  control::OrderAnswer station;
};

// For a person: what stands in the way, and what to do.
std::string InWords(NotChanged why_not, gate::State state);

using ReleaseWishes = Errands<ReleaseWish, ReleaseAnswer>;

// Puts another release in force between two parts. The gate takes one only while it is offline; so
// the line goes offline and online again at one moment, with nothing in between.
//
// Threads: Ask from one thread at a time; changes and parts_cut_off after the gate thread has
// ended; all else from the gate thread, where nothing is allocated.
class ReleaseChange {
 public:
  // All outlive this. `inference_signal` wakes the inference thread, which takes over what is put
  // into the slot.
  ReleaseChange(gate::RecordedGate& gate, OrderDesk& desk, GateRecords& records, ReleaseSlot& slot,
                EventSignal& inference_signal, Clock& clock, ReleaseWishes& wishes)
      : gate_(gate),
        desk_(desk),
        records_(records),
        slot_(slot),
        inference_signal_(inference_signal),
        clock_(clock),
        wishes_(wishes) {}

  // As Station::ChangeRelease.
  Result<ReleaseAnswer> Ask(const LoadedRelease& next, control::Order order);

  // After each look of the gate thread at what waits; `took`: an event was there. With one in the
  // pump nothing is changed: an edge there has its release in the journal.
  void MakeIfWanted(bool took);
  // When the gate thread must look again though nothing happens.
  TimePoint NextLook() const;

  std::uint64_t changes() const { return changes_; }
  std::uint64_t parts_cut_off() const { return parts_cut_off_; }

 private:
  std::optional<NotChanged> WhyNot() const;
  std::uint64_t PutInForce(const LoadedRelease& next, TimePoint now);
  void Answer(std::optional<NotChanged> why_not, std::uint64_t cut_off);

  gate::RecordedGate& gate_;
  OrderDesk& desk_;
  GateRecords& records_;
  ReleaseSlot& slot_;
  EventSignal& inference_signal_;
  Clock& clock_;
  ReleaseWishes& wishes_;
  std::optional<ReleaseWish> wish_;  // that waits for its moment
  std::uint64_t changes_ = 0;
  std::uint64_t parts_cut_off_ = 0;
};

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_RELEASE_CHANGE_H_
