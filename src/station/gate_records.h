#ifndef TAKTGATE_STATION_GATE_RECORDS_H_
#define TAKTGATE_STATION_GATE_RECORDS_H_

#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "control/orders.h"
#include "gate/ledger.h"
#include "gate/outputs.h"
#include "gate/recorded_gate.h"
#include "record/records.h"

namespace taktgate::station {

// What is kept of that which the gate puts out: the ledger, and a record of each for the record
// thread. After the fact; no part waits for it.
//
// Threads: the gate thread; ledger() also after its end. Allocates nothing after construction.
class GateRecords {
 public:
  // All outlive this. `boot` is that of the gate's parts.
  GateRecords(const gate::RecordedGate& gate, std::uint32_t boot, std::size_t ledger_parts,
              record::RecordQueue& records, Clock& clock)
      : gate_(gate), boot_(boot), records_(records), clock_(clock), ledger_(ledger_parts) {}

  // As in gate::GateOutputs.
  void Decided(const gate::Decision& decision);
  void LateAnswer(gate::PartId part, const gate::Answer& answer);
  void PassCutShort(gate::PartId part);
  void BinSaid(gate::PartId part, gate::Verified verified);
  void Raised(const gate::Alarm& alarm);
  // An order was accepted.
  void Obeyed(const control::Order& order);

  const gate::Ledger& ledger() const { return ledger_; }

 private:
  std::uint32_t ReleaseOf(gate::PartId part) const;

  const gate::RecordedGate& gate_;
  const std::uint32_t boot_;
  record::RecordQueue& records_;
  Clock& clock_;
  gate::Ledger ledger_;
};

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_GATE_RECORDS_H_
