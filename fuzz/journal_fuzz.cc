// A flight journal in the folder that is everybody's: another file of the same name and owner, or
// one whose slots hold anything.
#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json_text.h"
#include "fuzz_target.h"
#include "record/flight_journal.h"
#include "record/restart.h"

namespace taktgate::fuzz {
namespace {

using record::FlightJournal;
namespace fs = std::filesystem;

constexpr std::size_t kSlotBytes = 32;
constexpr std::size_t kPlaceBytes = 24;  // before the slots: where the last lines were written

const FlightJournal::Place& Journals() {
  static const FlightJournal::Place place = [] {
    const FlightJournal::Place made{Folder() / "state", Folder() / "memory"};
    fs::create_directories(made.state);
    fs::create_directories(made.memory);
    return made;
  }();
  return place;
}

std::optional<fs::path> JournalFile() {
  for (const auto& entry : fs::directory_iterator(Journals().memory)) return entry.path();
  return std::nullopt;
}

void LookAtWhatIsLeft(std::size_t most_parts) {
  const auto journals = FlightJournal::LeftBehind(Journals());
  Expect(journals.has_value(), "the folder can be read");
  for (const auto& journal : *journals) {
    const FlightJournal::Left left = journal->Look();
    Expect(left.entries.size() <= most_parts, "no part comes from nowhere");
    const auto missing = record::FindMissingRecords(left, Folder() / "no_records.jsonl");
    Expect(missing.has_value(), "without records everything is missing");
    Expect(missing->lines.size() == left.entries.size(), "each part gets one line");
    for (const auto& line : missing->lines) {
      Expect(LooseJson(line.text).is_object(), "a line is JSON");
    }
    journal->Remove();
  }
}

// The bytes are the slots of a sound journal, and the words before them that say where the last
// lines were written.
void CheckSlots(Bytes bytes) {
  const std::size_t slots = std::max<std::size_t>(1, bytes.size() / kSlotBytes);
  Expect(FlightJournal::Begin(Journals(), 7, std::string(64, 'a'), slots).has_value(), "it begins");
  const fs::path path = *JournalFile();
  auto journal = ReadFile(path, std::size_t{1} << 26);
  Expect(journal.has_value(), "it can be read");
  const std::size_t over = std::min(bytes.size(), kPlaceBytes + kSlotBytes * slots);
  std::copy(bytes.end() - static_cast<std::ptrdiff_t>(over), bytes.end(),
            journal->end() - static_cast<std::ptrdiff_t>(over));
  Expect(WriteFile(path, TextOf(*journal)).has_value(), "it can be changed");
  LookAtWhatIsLeft(slots);
  Expect(!JournalFile(), "a journal that was looked at is gone");
}

// The bytes are a whole file, for the name that a sound journal had.
void CheckFile(Bytes bytes) {
  Expect(FlightJournal::Begin(Journals(), 7, "", 1).has_value(), "it begins");
  Expect(WriteFile(*JournalFile(), TextOf(bytes)).has_value(), "it can be changed");
  LookAtWhatIsLeft(bytes.size() / kSlotBytes);
  Expect(!JournalFile(), "what is no journal is removed");
}

}  // namespace
}  // namespace taktgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  taktgate::fuzz::CheckSlots({data, size});
  taktgate::fuzz::CheckFile({data, size});
  return 0;
}
