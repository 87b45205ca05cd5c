#ifndef TAKTGATE_RIG_REAL_RECORDS_H_
#define TAKTGATE_RIG_REAL_RECORDS_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace taktgate::rig {

// What a station's record file says about one part, as far as a line can check it.
struct PartRecord {
  std::uint32_t boot = 0;
  std::uint64_t sequence = 0;
  bool released = false;
  std::string reason;
  std::string release;  // id, shortened
  TimePoint trigger_at{};
  Duration decided{};  // after the trigger
  Duration issued{};
  bool has_frame = false;
  bool answered = false;  // in time
  double score = 0;       // of an answered one
  bool recovered = false;
  bool may_have_passed = false;
};

// An answer that came after its part's decision.
struct LateRecord {
  std::uint32_t boot = 0;
  std::uint64_t sequence = 0;
  double score = 0;
};

// An order that was obeyed.
struct OrderRecord {
  std::uint32_t boot = 0;
  std::string order;
  std::string release;  // in force after it
  TimePoint at{};
};

struct RecordedLine {
  std::vector<PartRecord> parts;  // in the order of the file
  std::vector<LateRecord> late;
  std::vector<OrderRecord> orders;
  std::uint64_t passes_cut_short = 0;
  std::uint64_t verified = 0;  // by the reject bin
  std::uint64_t alarms = 0;
  std::uint64_t unknown_restarts = 0;
};

// Reads a record file (docs/station-file.md). corrupt: a line that is no record, by its number.
Result<RecordedLine> ReadRecords(const std::filesystem::path& path);
Result<RecordedLine> ParseRecords(const std::string& text);

}  // namespace taktgate::rig

#endif  // TAKTGATE_RIG_REAL_RECORDS_H_
