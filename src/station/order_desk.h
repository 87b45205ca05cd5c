#ifndef TAKTGATE_STATION_ORDER_DESK_H_
#define TAKTGATE_STATION_ORDER_DESK_H_

#include <optional>

#include "base/clock.h"
#include "control/orders.h"
#include "gate/inputs.h"
#include "gate/line_view.h"
#include "gate/recorded_gate.h"
#include "station/errands.h"
#include "station/gate_records.h"

namespace taktgate::station {

using Orders = Errands<control::Order, control::OrderAnswer>;

// Orders of a person: what each becomes for the gate, what is answered.
//
// Threads: Give from one thread at a time, all else from the gate thread. Allocates nothing.
class OrderDesk {
 public:
  // All outlive the desk.
  OrderDesk(const gate::RecordedGate& gate, gate::LineViewKeeper& view, GateRecords& records,
            Clock& clock, Orders& orders)
      : gate_(gate), view_(view), records_(records), clock_(clock), orders_(orders) {}

  // As Station::Give.
  std::optional<control::OrderAnswer> Give(control::Order order);

  // The next order that is for the gate; one that only looks is answered here.
  bool Next(gate::event::Input& input);
  // The gate has had that order.
  void Taken(bool accepted);

  // The station after an order.
  control::OrderAnswer HowItIs(bool taken);

 private:
  const gate::RecordedGate& gate_;
  gate::LineViewKeeper& view_;
  GateRecords& records_;
  Clock& clock_;
  Orders& orders_;
  control::Order order_;  // that the gate has now
};

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_ORDER_DESK_H_
