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

// What an earlier run owes to the record file: one line for each of its parts that has none there.
// A part in flight is a REJECT with the reason `restart`; where PASS was about to be set the line
// says that the part may have passed; a decided part gets its decision, without scores.
struct Owed {
  struct Line {
    std::string text;
    gate::PartId part;
  };
  std::vector<Line> lines;
  std::vector<gate::PartId> known;  // in the file, though the journal was not told any more
  std::string notice;               // for the person at the unit; empty: nothing to say
};

// Looks only where the journal leaves a doubt: at the lines that were being written when the run
// ended. They are found by the file's inode, whatever it is called by now. io: it cannot be read.
Result<Owed> WhatIsOwed(const FlightJournal::Left& left, const std::filesystem::path& records);

// Of a run that did not end by itself and whose journal is gone with a restart of the unit.
Owed WhatNobodyKnows(std::uint32_t boot);

// The last boot number in the record file; 0: there is none, or no file.
std::uint32_t LastBootIn(const std::filesystem::path& records);

}  // namespace taktgate::record

#endif  // TAKTGATE_RECORD_RESTART_H_
