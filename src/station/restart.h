#ifndef TAKTGATE_STATION_RESTART_H_
#define TAKTGATE_STATION_RESTART_H_

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "station/flight_journal.h"

namespace taktgate::station {

// What the run before this one owes to the record file: one line for each of its parts that has
// none there. A part in flight is a REJECT with the reason `restart`; where PASS was about to be
// set the line says that the part may have passed; a decided part gets its decision, without
// scores.
struct Owed {
  std::vector<std::string> lines;
  std::size_t in_flight = 0;
  std::size_t decided = 0;
  std::string notice;  // for the person at the unit; empty when there is nothing to say
};

// Looks for the parts in the last 8 MiB of the record file, more than the parts that the journal
// can speak of take. io: the file cannot be read.
Result<Owed> WhatIsOwed(const FlightJournal::Left& left, const std::filesystem::path& records);

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_RESTART_H_
