#ifndef TAKTGATE_STATION_REALTIME_H_
#define TAKTGATE_STATION_REALTIME_H_

#include "base/result.h"

namespace taktgate::station {

// Locks all memory of the process, present and future, so that no page is ever fetched on the way
// of a part. io: not allowed or over the limit, with what to do; the station runs without it.
Status LockMemory();

// Makes the calling thread a SCHED_FIFO thread of this priority (1 to 99). io: not allowed.
Status MakeThisThreadRealtime(int priority);

// Names the calling thread, as seen in /proc and by debuggers (at most 15 characters).
void NameThisThread(const char* name);

// Touches the stack that the calling thread may need, so that it faults in now and not later.
void PrefaultStack();

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_REALTIME_H_
