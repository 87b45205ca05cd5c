#ifndef TAKTGATE_RECORD_ALARM_NOTICES_H_
#define TAKTGATE_RECORD_ALARM_NOTICES_H_

#include <string>
#include <utility>

#include "record/records.h"

namespace taktgate::record {

// Reports alarms and the orders of people to the person at the unit, with what to do.
//
// Threads: as RecordSink.
class AlarmNotices final : public RecordSink {
 public:
  explicit AlarmNotices(Notice notice) : notice_(std::move(notice)) {}
  void Write(const Record& record) override;

 private:
  const Notice notice_;
};

// "amber: rejects_in_a_row, part 3-9: ...".
std::string InWords(const gate::Alarm& alarm);

}  // namespace taktgate::record

#endif  // TAKTGATE_RECORD_ALARM_NOTICES_H_
