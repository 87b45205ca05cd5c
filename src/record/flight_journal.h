#ifndef TAKTGATE_RECORD_FLIGHT_JOURNAL_H_
#define TAKTGATE_RECORD_FLIGHT_JOURNAL_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "gate/decision.h"
#include "record/appended_file.h"

namespace taktgate::record {

// What a run of the station knew about its last parts when it ended, however it ended, and which of
// them are in the record file: one slot per part in a mapped file. What is stored there outlives a
// kill -9, because the pages belong to the kernel. The file lies in memory (tmpfs), where no
// write-back can hold up a store; a restart of the unit loses it, and then it is not known which
// parts were in flight.
//
// Everybody can write to the folder in memory, so a file there is trusted only if it is this user's
// and no other can write to it. Its name ends at random, so nobody can claim it first.
//
// Threads: Begin, LeftBehind, Look and Remove from the owner; NameRelease from one; Edge, WillPass
// and Decided from the gate thread, a few stores a part, no system call, no lock; WillRecord and
// Recorded from the thread that writes the record file.
class FlightJournal {
 public:
  enum class Stage : std::uint8_t {
    kInFlight = 1,
    kPassing,  // PASS was about to be set: the part may have passed
    kDecided,
    kRecorded,  // its decision is in the record file
  };
  struct Entry {
    gate::PartId part;
    Stage stage;
    bool released;  // of a decided one
    judge::Reason reason;
    TimePoint trigger_at;
    TimePoint decided_at;
    std::string release;  // the id of the one that was in force at its edge
  };
  // What the run left behind.
  struct Left {
    std::uint32_t boot = 0;
    std::vector<Entry> entries;  // without a record as far as the journal knows, oldest first
    // Where the last lines were being written: some of `entries` may stand there.
    FilePlace last_lines;
  };
  // Where the journal lies: in `memory`, named after the state folder.
  struct Place {
    std::filesystem::path state;
    std::filesystem::path memory = "/dev/shm";
  };

  // Begins the journal of a new run, which holds the last `slots` parts; `release` is the id of its
  // release number 1. io: it cannot be made.
  static Result<std::unique_ptr<FlightJournal>> Begin(const Place& place, std::uint32_t boot,
                                                      std::string_view release,
                                                      std::size_t slots = 8192);
  // Those of earlier runs since the unit was started, oldest first; the state folder is claimed.
  // Other users' files are ignored; a journal that is not whole is removed. io: the folder cannot
  // be read.
  static Result<std::vector<std::unique_ptr<FlightJournal>>> LeftBehind(const Place& place);
  // The file stays.
  ~FlightJournal();
  FlightJournal(const FlightJournal&) = delete;
  FlightJournal& operator=(const FlightJournal&) = delete;

  // `release` is the number of the one in force, which has been named.
  void Edge(gate::PartId part, TimePoint at, std::uint32_t release);
  void WillPass(gate::PartId part);
  void Decided(const gate::Decision& decision);

  // Another release of this run (record::Releases), before it is in force.
  void NameRelease(std::uint32_t number, std::string_view id);

  // The next lines are written there. Only these may be in the file without being marked.
  void WillRecord(const FilePlace& place);
  // The part's line is in the file. A part whose slot another one has taken is ignored.
  void Recorded(gate::PartId part);

  std::uint32_t boot() const;
  Left Look() const;
  // Removes the file: no record is missing any more.
  void Remove();

 private:
  struct Header;
  struct Slot;
  std::string ReleaseOf(const Slot& slot) const;
  static std::unique_ptr<FlightJournal> TakeOver(const std::filesystem::path& path);
  static std::unique_ptr<FlightJournal> Map(std::filesystem::path path, int fd, std::size_t bytes);
  FlightJournal(std::filesystem::path path, void* memory, std::size_t bytes);
  Slot& SlotOf(std::uint64_t sequence);
  bool IsOurs() const;

  const std::filesystem::path path_;
  const std::size_t bytes_;
  Header* const header_;         // mapped
  const std::span<Slot> slots_;  // after it
};

}  // namespace taktgate::record

#endif  // TAKTGATE_RECORD_FLIGHT_JOURNAL_H_
