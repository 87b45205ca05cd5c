#ifndef TAKTGATE_INCIDENT_INCIDENT_RECORDER_H_
#define TAKTGATE_INCIDENT_INCIDENT_RECORDER_H_

#include <atomic>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/event_signal.h"
#include "base/timed_join_thread.h"
#include "gate/recorded_gate.h"
#include "incident/frame_history.h"
#include "incident/incident.h"
#include "record/records.h"
#include "record/releases.h"

namespace taktgate::incident {

// Keeps the last events and frames of a line and writes them to a file when something went wrong or
// somebody asks. Writing is the work of a thread of its own, which has no priority; the gate thread
// only changes over to other memory (about a microsecond). An incident that comes while one is
// being handed over, or too soon after another one, is counted and not written.
//
// Threads: Want from any (and signal handlers), CollectIfWanted from the gate thread, Start and
// Stop from the owner.
class IncidentRecorder {
 public:
  // `header` holds what does not change while the station runs; `releases`, which outlive this
  // object, are added as they are then. A file is at most about 2 MB + frames x frame_bytes.
  IncidentRecorder(const IncidentSettings& settings, const gate::GateSettings& gate,
                   IncidentHeader header, std::size_t frame_bytes, record::Notice notice,
                   const record::Releases& releases);
  ~IncidentRecorder();

  void Start();
  // Writes what was taken, then ends the thread. False: the disk has not come back within `limit`;
  // the thread still uses this object, so the process must end without destroying it.
  bool Stop(Duration limit = std::chrono::seconds(10));

  // The first reason counts until it is taken.
  void Want(IncidentReason reason);
  // Decides which alarm is an incident.
  void OnAlarm(const gate::Alarm& alarm);
  // Between two events of the gate.
  void CollectIfWanted(gate::RecordedGate& gate, TimePoint now);

  gate::EventLog* log() { return &log_; }
  FrameHistory& frames() { return frames_; }
  std::uint64_t written() const { return written_; }
  std::uint64_t not_written() const { return not_written_; }

 private:
  static constexpr std::uint8_t kNothing = 255;

  void Run();
  void Write();
  void RemoveOldest();
  std::uint64_t NextNumber() const;

  const IncidentSettings settings_;
  const gate::GateSettings gate_settings_;
  IncidentHeader header_;
  const record::Notice notice_;
  const record::Releases& releases_;
  gate::EventLog log_;
  FrameHistory frames_;

  std::atomic<std::uint8_t> wanted_{kNothing};
  std::optional<TimePoint> last_taken_;  // the gate thread's
  // Written by the gate thread before taken_ is set, read after it.
  gate::EventLog::Handed handed_;
  IncidentReason reason_ = IncidentReason::kRequest;
  std::atomic<bool> taken_{false};

  EventSignal signal_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> not_written_{0};
  TimedJoinThread thread_;
};

}  // namespace taktgate::incident

#endif  // TAKTGATE_INCIDENT_INCIDENT_RECORDER_H_
