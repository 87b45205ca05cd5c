#ifndef TAKTGATE_RECORD_RUNS_H_
#define TAKTGATE_RECORD_RUNS_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/flight_journal.h"
#include "record/record_file.h"
#include "record/records.h"
#include "record/restart.h"

namespace taktgate::record {

// The runs of a station, one after the other, in its state folder: the records that earlier ones
// did not write, and the beginning and the end of this one. However a run ends, each of its parts
// gets exactly one decision in the record.
//
// Threads: one, the owner's; the state folder is claimed.
class Runs {
 public:
  // `file` is open and outlives this object; nullptr: no records are kept, at no path.
  Runs(FlightJournal::Place place, std::filesystem::path records, RecordFile* file, Notice notice);

  // When it returns, every part of an earlier run has its line, or waits in `file` for a disk. Only
  // then may this run decide about parts. The boot number of this run; `slots` parts may be without
  // their line at once. io, corrupt: with what to do.
  Result<std::uint32_t> Begin(std::string_view release, std::size_t slots);
  // Of this run, from Begin to End.
  FlightJournal* journal() { return journal_.get(); }
  // After the last record. Records that are still missing are left to the next run. io: a line or
  // the mark of a clean end could not be written.
  Status End();

 private:
  Status CloseEarlier(std::uint32_t& known);
  Status Close(FlightJournal& journal);
  void Write(const MissingRecords& missing, FlightJournal* journal);
  bool Owes(const FlightJournal& journal) const;
  void RemoveSettled();

  const FlightJournal::Place place_;
  const std::filesystem::path records_;
  RecordFile* const file_;
  const Notice notice_;
  std::vector<std::unique_ptr<FlightJournal>> earlier_;
  std::unique_ptr<FlightJournal> journal_;
};

}  // namespace taktgate::record

#endif  // TAKTGATE_RECORD_RUNS_H_
