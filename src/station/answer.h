#ifndef TAKTGATE_STATION_ANSWER_H_
#define TAKTGATE_STATION_ANSWER_H_

#include "gate/decision.h"
#include "inspect/inspector.h"

namespace taktgate::station {

// What the gate is told of an inspection. Of more than gate::kMaxWindows windows the first ones'
// scores go along. The times on the station's clock are the caller's to fill.
gate::Answer AnswerOf(const inspect::Inspection& inspection);

// The same run, without what it found out.
gate::Answer WithoutVerdict(const gate::Answer& answer);

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_ANSWER_H_
