#ifndef TAKTGATE_RECORD_RECORD_FILE_H_
#define TAKTGATE_RECORD_RECORD_FILE_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "record/appended_file.h"
#include "record/flight_journal.h"
#include "record/record_lines.h"
#include "record/records.h"
#include "record/releases.h"

namespace taktgate::record {

// The JSON-lines record of decisions: one object per line, appended, only whole lines. When the
// disk is full or gone the station goes on deciding: lines wait, up to kMostWaiting, and are tried
// again with every batch; further ones are lost, counted and reported. The journal learns which
// decisions are in the file, so that the next run can add the others.
//
// Threads: those of RecordSink; Open and Close from the owner, before the first and after the last
// record; WantReopen and lost_lines from any.
class RecordFile final : public RecordSink {
 public:
  static constexpr std::size_t kMostWaiting = 8192;

  RecordFile(const std::filesystem::path& path, const Rotation& rotation, const Releases& releases,
             Notice notice);

  // wrong_state: another station writes the file. Anything else that is wrong with it is reported,
  // and writing is tried again later.
  Status Open();
  // Decisions of this run are marked there; nullptr: nowhere.
  void MarkIn(FlightJournal* journal) { journal_ = journal; }
  // A line that an earlier run did not write, about a part of its journal; without a journal it is
  // about no part.
  void WriteMissing(std::string line, gate::PartId part, FlightJournal* journal);
  void Write(const Record& record) override;
  void Flush() override;
  // SIGHUP: the file was renamed.
  void WantReopen() { file_.WantReopen(); }
  // All is on the disk when it returns. io: it is not, or some lines could not be written.
  Status Close();
  std::uint64_t lost_lines() const { return lost_lines_; }

 private:
  struct Line {
    std::string text;
    gate::PartId part;
    FlightJournal* journal;  // that waits to know; nullptr: none
  };

  void Add(Line line);
  std::string NextBatch(std::size_t& lines) const;
  void Announce(std::size_t lines, const FilePlace& place);
  void Mark(std::size_t bytes);
  void Fail(const std::string& why);
  void Mend();

  const std::string path_;
  AppendedFile file_;
  const RecordLines lines_;
  const Notice notice_;
  FlightJournal* journal_ = nullptr;
  std::deque<Line> waiting_;
  std::atomic<std::uint64_t> lost_lines_{0};
  std::uint64_t lost_before_ = 0;  // when the last fault was mended
  bool failing_ = false;
  TimePoint synced_at_{};
};

}  // namespace taktgate::record

#endif  // TAKTGATE_RECORD_RECORD_FILE_H_
