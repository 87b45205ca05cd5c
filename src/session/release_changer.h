#ifndef TAKTGATE_SESSION_RELEASE_CHANGER_H_
#define TAKTGATE_SESSION_RELEASE_CHANGER_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "control/socket.h"
#include "control/words.h"
#include "inspect/inspector.h"
#include "record/flight_journal.h"
#include "record/records.h"
#include "record/releases.h"
#include "station/station.h"

namespace taktgate::session {

// Changes the release of a running line. The next one is read, verified, loaded, warmed up and
// measured on a thread of its own, beside the line; only then is the station asked. The release
// that was in force stays loaded, so going back to it takes no time; older ones are freed.
//
// Threads: Begin and Join from one at a time. The work is done on a thread without priority.
class ReleaseChanger {
 public:
  // What it needs of the line. All outlives this object.
  struct Line {
    station::Station& station;
    record::Releases& releases;
    record::FlightJournal* journal = nullptr;
    record::Notice notice;
    infer::LoadSettings engine;
    // The reserve of a model on this line and machine, or why it cannot judge there.
    std::function<Result<Duration>(inspect::Inspector&)> measure;
    // What the person is told when it is done.
    std::function<std::string(const control::OrderLine&, const control::OrderAnswer&)> words;
  };

  // `first` is in force, and is not freed by this object.
  ReleaseChanger(Line line, const station::LoadedRelease& first);
  ~ReleaseChanger() { Join(); }

  // Answers when the release is in force or refused; one at a time.
  control::ControlSocket::Said Begin(const control::OrderLine& given);
  // Waits for what was begun. After the line has ended, before the station is gone.
  void Join();

 private:
  struct Work {
    std::string answer;
    std::atomic<bool> done{false};  // after the answer
  };
  struct Kept {
    std::unique_ptr<inspect::Inspector> inspector;  // nullptr: of the first
    station::LoadedRelease loaded;
  };

  Result<control::OrderAnswer> Change(const control::OrderLine& given);
  Result<const Kept*> Load(const std::string& path);
  void FreeUnused();

  const Line line_;
  // The thread's, one after the other.
  std::vector<std::unique_ptr<Kept>> kept_;
  std::uint32_t in_force_;

  std::shared_ptr<Work> work_;
  std::thread thread_;
};

}  // namespace taktgate::session

#endif  // TAKTGATE_SESSION_RELEASE_CHANGER_H_
