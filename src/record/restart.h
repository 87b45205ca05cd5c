#ifndef TAKTGATE_RECORD_RESTART_H_
#define TAKTGATE_RECORD_RESTART_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "record/flight_journal.h"

namespace taktgate::record {

// The records that an earlier run did not write: one line for each of its parts that has none in
// the record file. A part in flight is a REJECT with the reason `restart`; if PASS was about to be
// set, the line says that the part may have passed. A decided part gets its decision, without
// scores.
struct MissingRecords {
  struct Line {
    std::string text;
    gate::PartId part;
  };
  std::vector<Line> lines;
  std::vector<gate::PartId> known;  // in the file, although the journal does not say so
  std::string notice;               // for the person at the unit; empty: nothing to say
};

// Reads only where the journal leaves a doubt: the lines that were being written when the run
// ended. They are found by the file's inode, whatever the file is called now. io: it cannot be
// read.
Result<MissingRecords> FindMissingRecords(const FlightJournal::Left& left,
                                          const std::filesystem::path& records);

// For a run that did not end by itself, and whose journal a restart of the unit has lost.
MissingRecords RecordOfLostJournal(std::uint32_t boot);

// The last boot number in the record file; 0: there is none, or no file.
std::uint32_t LastBootIn(const std::filesystem::path& records);

}  // namespace taktgate::record

#endif  // TAKTGATE_RECORD_RESTART_H_
