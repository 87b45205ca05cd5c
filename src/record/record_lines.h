#ifndef TAKTGATE_RECORD_RECORD_LINES_H_
#define TAKTGATE_RECORD_RECORD_LINES_H_

#include <string>

#include "record/records.h"
#include "record/releases.h"

namespace taktgate::record {

// Records as lines of JSON (docs/station-file.md). They carry names, not numbers: id, labels and
// windows are those of the release that the record is about.
//
// Threads: any; it does not change.
class RecordLines {
 public:
  // `releases` outlives this object.
  explicit RecordLines(const Releases& releases) : releases_(releases) {}
  // Without the newline.
  std::string LineOf(const Record& record) const;

 private:
  const Releases& releases_;
};

}  // namespace taktgate::record

#endif  // TAKTGATE_RECORD_RECORD_LINES_H_
