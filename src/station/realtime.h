#ifndef TAKTGATE_STATION_REALTIME_H_
#define TAKTGATE_STATION_REALTIME_H_

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace taktgate::station {

// Whether no limit holds for this process: it has CAP_IPC_LOCK. Read from /proc below `root`.
bool MayLockWithoutLimit(const std::filesystem::path& root);

// Whether LockMemory may lock as much as there will be. io: over the limit, with what to do.
Status MayLockMemory();

// Locks all memory of the process, present and future, so that no page is ever fetched on the way
// of a part. io: not allowed or over the limit, with what to do; the station runs without it.
Status LockMemory();

// What to do where SCHED_FIFO is refused; for messages.
inline constexpr char kAllowPriority[] =
    "LimitRTPRIO=99 or AmbientCapabilities=CAP_SYS_NICE in the service, or \"USER - rtprio 99\" in "
    "/etc/security/limits.conf";

// Makes the calling thread a SCHED_FIFO thread of this priority (1 to 99). io: not allowed, in the
// system's words; kAllowPriority has what to do.
Status MakeThisThreadRealtime(int priority);

// Keeps the calling thread on one core. io: no such core, or this process may not use it.
Status PinThisThread(int core);

// The cores that a thread of this process can be kept on, in order. Found by trying on a thread of
// its own: the mask that a process inherits leaves isolated cores out, though it may ask for them.
std::vector<int> AllowedCores();
std::string CoresInWords(const std::vector<int>& cores);  // "0, 1"

// Touches the stack that the calling thread may need, so that it faults in now and not later.
void PrefaultStack();

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_REALTIME_H_
