#ifndef TAKTGATE_STATION_LAST_CATCH_H_
#define TAKTGATE_STATION_LAST_CATCH_H_

#include "line/line.h"

namespace taktgate::station {

// Makes one output safe when this process dies by a signal: one of its own faults, on any thread
// (an exception that nobody caught ends in SIGABRT), or one from outside, such as SIGQUIT or a CPU
// time limit. The signal then ends the process as it would have, with a core dump where those are
// on. What it cannot catch (kill -9, power) is the hardware's: see line::Output.
//
// Signals that would only disturb a line are ignored: writing to a file of the largest size fails,
// as it does for a pipe without a reader, and Ctrl-Z does not stop a station while PASS is on.
//
// Threads: made and destroyed by one; at most one object at a time.
class LastCatch {
 public:
  // The output outlives this object.
  explicit LastCatch(line::Output& output);
  ~LastCatch();
  LastCatch(const LastCatch&) = delete;
  LastCatch& operator=(const LastCatch&) = delete;

  // The lines are safe when it returns, and nothing energises one any more; for a process that is
  // about to end. On any thread; nothing happens where no LastCatch is.
  static void MakeSafe() noexcept;
  // Gives the calling thread a stack for signals, so that it is also caught when its own is full.
  // One that has such a stack keeps it.
  static void UseOwnSignalStack();
};

// Around each change of a level. Without it a thread that still runs could energise a line after
// the handler has made it safe.
//
// Threads: one at a time, the gate thread.
class LevelChange {
 public:
  LevelChange();
  ~LevelChange();
  LevelChange(const LevelChange&) = delete;
  LevelChange& operator=(const LevelChange&) = delete;

  // False once the process is dying: nothing may be energised any more.
  bool allowed() const;
  // On whichever thread.
  static bool UnderWay();
};

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_LAST_CATCH_H_
