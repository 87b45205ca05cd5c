// A record file, as a station finds it when it starts after a crash.
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "fuzz_target.h"
#include "record/restart.h"

namespace taktgate::fuzz {
namespace {

using record::FlightJournal;

// The first byte says how far into the file the journal knew its last lines.
void CheckRecords(Bytes bytes) {
  const std::uint64_t offset = bytes.empty() ? 0 : bytes[0];
  const auto path = FileOf("records.jsonl", bytes.empty() ? bytes : bytes.subspan(1));
  struct stat info {};
  Expect(stat(path.c_str(), &info) == 0, "the file is there");
  FlightJournal::Left left;
  left.boot = 3;
  left.last_lines = {info.st_dev, info.st_ino, offset};
  using Stage = FlightJournal::Stage;
  std::uint64_t sequence = 0;
  for (const Stage stage : {Stage::kInFlight, Stage::kPassing, Stage::kDecided}) {
    left.entries.push_back({{3, ++sequence},
                            stage,
                            stage == Stage::kDecided,
                            judge::Reason::kNone,
                            TimePoint(Duration(5)),
                            TimePoint(Duration(9)),
                            std::string(64, 'a')});
  }
  const auto missing = record::FindMissingRecords(left, path);
  Expect(missing.has_value(), "any record file can be read");
  Expect(missing->lines.size() + missing->known.size() == 3,
         "each part is missing or known, never both");
  for (const auto& line : missing->lines) {
    Expect(LooseJson(line.text).is_object(), "what is missing is a line of JSON");
  }
  record::LastBootIn(path);
}

}  // namespace
}  // namespace taktgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  taktgate::fuzz::CheckRecords({data, size});
  return 0;
}
