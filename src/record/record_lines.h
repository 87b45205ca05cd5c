#ifndef TAKTGATE_RECORD_RECORD_LINES_H_
#define TAKTGATE_RECORD_RECORD_LINES_H_

#include <string>
#include <vector>

#include "bundle/release.h"
#include "record/records.h"

namespace taktgate::record {

// Records as lines of JSON (docs/station-file.md). They carry names, not numbers: labels and
// windows come from the release.
//
// Threads: any; it does not change.
class RecordLines {
 public:
  explicit RecordLines(const bundle::Release& release);
  // Without the newline.
  std::string LineOf(const Record& record) const;

 private:
  const std::string release_id_;
  std::vector<std::string> labels_;
  std::vector<std::string> windows_;
};

}  // namespace taktgate::record

#endif  // TAKTGATE_RECORD_RECORD_LINES_H_
