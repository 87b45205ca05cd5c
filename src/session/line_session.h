#ifndef TAKTGATE_SESSION_LINE_SESSION_H_
#define TAKTGATE_SESSION_LINE_SESSION_H_

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/event_signal.h"
#include "base/result.h"
#include "control/socket.h"
#include "incident/incident_recorder.h"
#include "inspect/inspector.h"
#include "line/line.h"
#include "line/surroundings.h"
#include "record/alarm_notices.h"
#include "record/record_file.h"
#include "record/records.h"
#include "record/releases.h"
#include "record/runs.h"
#include "record/statistics.h"
#include "session/hiccup_watch.h"
#include "session/process_signals.h"
#include "session/release_changer.h"
#include "session/state_folder.h"
#include "session/station_file.h"
#include "station/last_catch.h"
#include "station/station.h"

namespace taktgate::session {

// One run of a line from a station file: makes release, devices and station, runs until the line
// ends or a signal asks to stop. `run` and `demo` show it in different ways.
//
// Threads: one, and that of ProcessSignals, which Create makes: from then on signals stop the line,
// or end a process that has no line yet.
class LineSession {
 public:
  static Result<std::unique_ptr<LineSession>> Create(const StationFile& file,
                                                     record::Notice notice);
  ~LineSession();

  // Opens the devices and starts the threads: READY when it returns. The errors of the devices.
  Status Start();
  // Runs the line. `tick` is called about five times a second on this thread.
  // The error is that of a failed device or inference (exit code 3).
  Status Run(const std::function<void()>& tick);

  // The one that the station file names, which the line begins with.
  const bundle::Release& release() const { return inspector_->release(); }
  const infer::Classifier& classifier() const { return inspector_->classifier(); }
  // For a test of them instead of Start, never beside it.
  station::Devices devices() { return {*trigger_, *camera_, *output_}; }
  const record::Statistics& statistics() const { return *statistics_; }
  // Rows of the truth table; empty where no truth is known.
  const std::vector<std::string>& truth_names() const { return truth_names_; }
  const station::Station& station() const { return *station_; }
  const LatencyHistogram& hiccups() const { return hiccups_.histogram(); }
  Duration reserve() const { return reserve_; }
  // CPU time of inspections before the line ran, for the thread that did them; nothing ended them
  // early.
  const LatencyHistogram& tried() const { return tried_; }
  // Of the time before READY: reading, verifying, loading and warming up; the trial runs.
  Duration loading_took() const { return loading_took_; }
  Duration trials_took() const { return trials_took_; }
  std::uint32_t boot() const { return boot_; }
  // nullptr where none are kept.
  const incident::IncidentRecorder* incidents() const { return incidents_.get(); }
  std::uint64_t records_dropped() const {
    return records_->dropped() + (to_file_ ? to_file_->dropped() : 0);
  }
  std::uint64_t records_lost() const { return record_file_ ? record_file_->lost_lines() : 0; }
  bool stopped_by_signal() const { return stopped_by_signal_; }
  // A thread never came back and still uses this object: the caller must leave by _Exit.
  bool thread_lost() const { return thread_lost_; }

 private:
  explicit LineSession(const StationFile& file, record::Notice notice);
  Status Load();
  Status OpenCamera();
  Status MeasureReserve();
  Result<Duration> ReserveOf(inspect::Inspector& inspector, LatencyHistogram& own) const;
  Status OpenRecords();
  Status BeginRun();
  std::size_t JournalSlots() const;
  Status StartThreads();
  Status OpenControl();
  control::ControlSocket::Said Obey(std::string_view line);
  std::string Words(const control::Order& order,
                    const std::optional<control::OrderAnswer>& answer) const;
  void MakeReleaseChanger();
  Status OpenOutput();
  Status OpenInputs();
  void MakeStation();
  void MakeIncidents();
  void OnWish(Wish wish, int signal);
  [[noreturn]] static void EndBeforeReady();
  static Result<std::unique_ptr<LineSession>> Make(const StationFile& file, record::Notice notice);

  StationFile file_;
  const record::Notice notice_;
  MonotonicClock clock_;
  std::unique_ptr<inspect::Inspector> inspector_;
  record::Releases releases_;
  line::Surroundings surroundings_{clock_, notice_};
  std::vector<std::string> truth_names_;
  Duration reserve_{};
  LatencyHistogram tried_;
  Duration loading_took_{};
  Duration trials_took_{};
  std::uint32_t boot_ = 1;
  std::unique_ptr<record::Statistics> statistics_;
  std::unique_ptr<record::RecordFile> record_file_;
  std::unique_ptr<StateFolder> state_;  // held as long as anything in it is used
  std::unique_ptr<record::Runs> runs_;
  std::unique_ptr<record::AlarmNotices> alarm_notices_;
  std::unique_ptr<record::RecordQueue> to_file_;  // the file may be held by its disk
  std::unique_ptr<record::RecordQueue> records_;
  std::shared_ptr<line::Output> output_;
  std::shared_ptr<line::Trigger> trigger_;
  std::vector<std::shared_ptr<line::Signals>> signals_;  // as the station file names them
  std::shared_ptr<line::Camera> camera_;
  std::optional<station::LastCatch> last_catch_;  // of the output
  std::unique_ptr<incident::IncidentRecorder> incidents_;
  std::unique_ptr<ReleaseChanger> release_changer_;  // keeps what the station judges with
  std::unique_ptr<station::Station> station_;
  std::unique_ptr<control::ControlSocket> control_;
  HiccupWatch hiccups_;
  bool thread_lost_ = false;
  // What the thread of process_signals_ uses; it ends first.
  std::atomic<station::Station*> deciding_{nullptr};  // from Create's end on
  std::atomic<bool> stopped_by_signal_{false};
  EventSignal wake_;
  std::unique_ptr<ProcessSignals> process_signals_;
};

}  // namespace taktgate::session

#endif  // TAKTGATE_SESSION_LINE_SESSION_H_
