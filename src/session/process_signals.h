#ifndef TAKTGATE_SESSION_PROCESS_SIGNALS_H_
#define TAKTGATE_SESSION_PROCESS_SIGNALS_H_

#include <functional>
#include <optional>
#include <thread>

#include "base/clock.h"
#include "base/event_signal.h"

namespace taktgate::session {

// What a signal asks of a running station.
enum class Wish {
  kStop,      // SIGINT, SIGTERM, or SIGHUP of a terminal that has gone
  kStopNow,   // the same again, after a second: the station does not stop
  kReopen,    // SIGHUP: the record file was renamed
  kIncident,  // SIGUSR1
};

// Several signals at once count as one: stopping a group of processes may send several.
class Wishes {
 public:
  // nothing: a signal that changes nothing any more.
  std::optional<Wish> Of(int signal, bool terminal_gone, TimePoint now);

 private:
  std::optional<TimePoint> stopped_at_;
};

// Hears SIGINT, SIGTERM, SIGHUP and SIGUSR1 for the process, on a thread of its own, so that they
// are heard during a long start and during a stop that hangs.
//
// Threads: made before any other thread, which inherits that these signals are blocked, and ended
// by its maker; `heard` is called on its own thread.
class ProcessSignals {
 public:
  using Heard = std::function<void(Wish wish, int signal)>;
  explicit ProcessSignals(Heard heard);
  ~ProcessSignals();
  ProcessSignals(const ProcessSignals&) = delete;
  ProcessSignals& operator=(const ProcessSignals&) = delete;

  // Ends the process by this signal, as if it had never been blocked: LastCatch makes the lines
  // safe.
  [[noreturn]] static void DieBy(int signal);

 private:
  void Run();

  const Heard heard_;
  const bool on_terminal_;  // when it began
  int signals_ = -1;        // signalfd
  int end_ = -1;            // eventfd
  std::thread thread_;
};

}  // namespace taktgate::session

#endif  // TAKTGATE_SESSION_PROCESS_SIGNALS_H_
