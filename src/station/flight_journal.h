#ifndef TAKTGATE_STATION_FLIGHT_JOURNAL_H_
#define TAKTGATE_STATION_FLIGHT_JOURNAL_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "gate/decision.h"

namespace taktgate::station {

// What a run of the station knew about its last parts when it ended, however it ended: one slot per
// part in a mapped file. What the gate thread stores there outlives a kill -9, because the pages
// belong to the kernel. The file lies in memory (tmpfs), where no write-back can hold up a store;
// a restart of the unit loses it, and then nobody knows which parts were in flight.
//
// Threads: Read, Begin and Close from the owner; the rest from the gate thread. A few stores a
// part, no system call, no lock.
class FlightJournal {
 public:
  enum class Stage : std::uint8_t {
    kInFlight = 1,
    kPassing,  // PASS was about to be set: the part may have passed
    kDecided,
  };
  struct Entry {
    gate::PartId part;
    Stage stage;
    bool released;  // of a decided one
    judge::Reason reason;
    TimePoint trigger_at;
    TimePoint decided_at;
  };
  // What the run before this one left behind.
  struct Left {
    enum class Ending : std::uint8_t {
      kNone,     // there was no run
      kClean,    // it said good-bye: nothing is open
      kCrash,    // `entries` has its last parts, oldest first
      kUnknown,  // the unit was restarted, or the file is none of ours
    };
    Ending ending = Ending::kNone;
    std::uint32_t boot = 0;
    std::string release;  // the id of the release in force then
    std::vector<Entry> entries;
  };
  // Where the journal lies: the file in `memory`, named after the state folder, and a mark of a
  // clean end in the state folder itself.
  struct Place {
    std::filesystem::path state;
    std::filesystem::path memory = "/dev/shm";
  };

  // What the run before `boot` left. io: it cannot be read.
  static Result<Left> Read(const Place& place, std::uint32_t boot);
  // Begins the journal of a new run; what was left is gone then.
  static Result<std::unique_ptr<FlightJournal>> Begin(const Place& place, std::uint32_t boot,
                                                      std::string_view release);
  // Without Close the run has crashed.
  ~FlightJournal();
  FlightJournal(const FlightJournal&) = delete;
  FlightJournal& operator=(const FlightJournal&) = delete;

  void Edge(gate::PartId part, TimePoint at);
  void WillPass(gate::PartId part);
  void Decided(const gate::Decision& decision);
  // Every part is decided and recorded: the file is not needed any more. io: the mark could not be
  // written.
  Status Close();

  // The parts it can speak of: more than a record queue holds.
  static constexpr std::size_t kSlots = 8192;

 private:
  struct File;
  FlightJournal(Place place, File* file) : place_(std::move(place)), file_(file) {}

  const Place place_;
  File* const file_;  // mapped
};

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_FLIGHT_JOURNAL_H_
