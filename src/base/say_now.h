#ifndef TAKTGATE_BASE_SAY_NOW_H_
#define TAKTGATE_BASE_SAY_NOW_H_

namespace taktgate {

// Writes `text` to standard error if that does not block, and drops it otherwise: a terminal that
// is held (Ctrl-S) or a pipe that nobody reads must not hold up a process that is about to end.
// Only system calls, so that a signal handler may call it; errno stays what it was.
//
// Threads: any.
void SayNow(const char* text) noexcept;

}  // namespace taktgate

#endif  // TAKTGATE_BASE_SAY_NOW_H_
