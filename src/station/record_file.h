#ifndef TAKTGATE_STATION_RECORD_FILE_H_
#define TAKTGATE_STATION_RECORD_FILE_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bundle/release.h"
#include "station/records.h"

namespace taktgate::station {

// The JSON-lines record of decisions: one object per line, appended, only whole lines. When the
// disk is full or gone the station goes on deciding; lines that cannot be written are counted and
// said once, and writing is tried again with every batch.
//
// Threads: those of RecordSink; Open and lost() from the owner.
class RecordFile final : public RecordSink {
 public:
  // Lines carry names, not numbers: labels and windows come from the release.
  RecordFile(std::filesystem::path path, const bundle::Release& release, Notice notice);
  ~RecordFile() override;
  RecordFile(const RecordFile&) = delete;
  RecordFile& operator=(const RecordFile&) = delete;

  // Opens or creates the file. io: unwritable path, with what to do; the sink then counts.
  Status Open();
  void Write(const Record& record) override;
  // A line that is there already, without its newline.
  void WriteLine(std::string_view line);
  void Flush() override;
  std::uint64_t lost_lines() const { return lost_lines_; }

  // One line of the file, without the newline.
  std::string LineOf(const Record& record) const;

 private:
  void GiveUpBatch(const std::string& why);

  const std::filesystem::path path_;
  const std::string release_id_;
  std::vector<std::string> labels_;
  std::vector<std::string> windows_;
  const Notice notice_;
  int fd_ = -1;
  std::string batch_;
  std::uint64_t batch_lines_ = 0;
  std::uint64_t lost_lines_ = 0;
  bool failing_ = false;
};

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_RECORD_FILE_H_
