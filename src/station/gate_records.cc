#include "station/gate_records.h"

namespace taktgate::station {

void GateRecords::Decided(const gate::Decision& decision) {
  ledger_.Add(decision);
  records_.Offer({record::Record::Kind::kDecision, decision, {}});
}

void GateRecords::LateAnswer(gate::PartId part, const gate::Answer& answer) {
  ledger_.AddLateVerdict(part, answer.verdict);
  record::Record record{record::Record::Kind::kLateAnswer, {}, {}};
  if (const gate::Decision* decided = ledger_.Find(part)) record.decision = *decided;
  record.decision.part = part;
  record.decision.answer = answer;
  records_.Offer(record);
}

// Of a part that was decided.
std::uint32_t GateRecords::ReleaseOf(gate::PartId part) const {
  const gate::Decision* decided = ledger_.Find(part);
  return decided != nullptr ? decided->release : 0;
}

void GateRecords::PassCutShort(gate::PartId part) {
  record::Record record{record::Record::Kind::kPassCutShort, {}, {}};
  record.decision.part = part;
  record.decision.release = ReleaseOf(part);
  records_.Offer(record);
}

void GateRecords::BinSaid(gate::PartId part, gate::Verified verified) {
  ledger_.SetVerified(part, verified);
  record::Record record{record::Record::Kind::kVerified, {}, {}};
  record.decision.part = part;
  record.decision.release = ReleaseOf(part);
  record.decision.verified = verified;
  records_.Offer(record);
}

void GateRecords::Raised(const gate::Alarm& alarm) {
  record::Record record{record::Record::Kind::kAlarm, {}, alarm};
  record.decision.part = alarm.part;
  record.decision.release = gate_.release();
  record.at = clock_.Now();
  records_.Offer(record);
}

void GateRecords::Obeyed(const control::Order& order) {
  record::Record record{record::Record::Kind::kOrder, {}, {}};
  record.decision.part = {boot_, gate_.counts().parts};
  record.decision.release = gate_.release();
  record.order = order;
  record.at = clock_.Now();
  records_.Offer(record);
}

}  // namespace taktgate::station
