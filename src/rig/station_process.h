#ifndef TAKTGATE_RIG_STATION_PROCESS_H_
#define TAKTGATE_RIG_STATION_PROCESS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "rig/child_process.h"
#include "rig/prepared_line.h"
#include "rig/real_line.h"
#include "rig/real_referee.h"

namespace taktgate::rig {

// Blocks SIGINT and SIGTERM, which Nap hears: so no process and no file is left behind. A terminal
// that closes does not end the line; it ends a station.
void HoldSignalsBack();
// wrong_state: one of those signals came.
Status Nap(Duration duration);

// The real program as the station of a real line: started, started again when it ends by itself,
// killed, frozen and stalled at random moments, and what was done to it.
//
// Threads: one.
class StationProcess {
 public:
  struct Tally {
    std::uint64_t starts = 0;
    std::uint64_t kills = 0;
    std::uint64_t freezes = 0;
    std::uint64_t stalls = 0;
    std::uint64_t failures = 0;  // it ended by itself before the line did
    std::string failure;         // its last words then
  };

  // Both outlive it.
  StationProcess(PreparedLine& prepared, const RealLine& line);
  // The station is asked to end first: one that is only killed leaves its journal behind.
  ~StationProcess();

  Status Start();
  // io: it ended before the line began, or keeps failing. timeout: five minutes were not enough.
  Status AwaitReady();
  // Sleeps, and starts a station again that has ended.
  Status NapBeside(Duration duration);
  // SIGKILL, and the next one is started. Every eighth meets a station that is still starting.
  Status KillOnce();
  // SIGSTOP for three seconds, in which the relay opens.
  Status FreezeOnce();
  // SIGSTOP, shorter than anything that the relay notices, at any moment of a part.
  Status StallOnce();
  // The line is over: it ends by itself. timeout: it has not.
  Status AwaitEnd();

  const Tally& tally() const { return tally_; }
  // Of runs that did not end by themselves in order: number, killed (else failed).
  const std::vector<std::pair<std::uint64_t, bool>>& ends() const { return ends_; }
  const std::vector<TimePoint>& kills() const { return kills_; }
  const std::vector<Freeze>& freezes() const { return freezes_; }

 private:
  bool Ready();
  bool ReadyOnWire();
  Status RestartIfItFailed();
  void NoteEnd(bool killed);
  std::string LastWords() const;

  PreparedLine& prepared_;
  const RealLine& line_;
  Random random_;
  ChildProcess process_;
  bool ready_on_wire_ = false;
  std::uint64_t runs_before_ = 0;  // when the present station was started
  Tally tally_;
  std::vector<std::pair<std::uint64_t, bool>> ends_;
  std::vector<TimePoint> kills_;
  std::vector<Freeze> freezes_;
};

}  // namespace taktgate::rig

#endif  // TAKTGATE_RIG_STATION_PROCESS_H_
