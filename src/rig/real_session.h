#ifndef TAKTGATE_RIG_REAL_SESSION_H_
#define TAKTGATE_RIG_REAL_SESSION_H_

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "image/frame.h"
#include "line/gpio/gpio_kernel.h"
#include "line/gpio/gpio_loop.h"
#include "line/shared/shared_host.h"
#include "rig/child_process.h"
#include "rig/real_line.h"
#include "rig/real_options.h"
#include "rig/real_referee.h"
#include "rig/real_report.h"
#include "session/hiccup_watch.h"

namespace taktgate::rig {

// One run of a real line: makes boards, files and processes, does to them what the options say,
// and gathers what each side knows.
//
// Threads: one; those of the line and the hogs are its own.
class RealSession {
 public:
  static Result<std::unique_ptr<RealSession>> Create(const RealLineOptions& options);
  ~RealSession();

  // The error is that of a process that did not do its part; violations are the referee's.
  Status Run();
  // After Run.
  RealTruth Truth();
  RealConditions Conditions();
  std::filesystem::path records() const { return folder_ / "records.jsonl"; }
  const std::filesystem::path& folder() const { return folder_; }
  // Records and logs outlive this object.
  void KeepFolder() { folder_kept_ = true; }

 private:
  explicit RealSession(const RealLineOptions& options);
  Status ReadLine();
  Status OpenLoop();
  bool ReadyOnWire();
  Status MakeBoards();
  Status MakeFiles();
  Status StartRelay();
  Status AwaitRelay();
  Status StartStation();
  Status RestartIfItFailed();
  Status AwaitReady();
  bool Ready();
  Status Nap(Duration duration) const;
  Status NapWithStation(Duration duration);
  Status KillOnce();
  Status FreezeOnce();
  Status StallOnce();
  Status Finish();
  void StartHogs();
  void NoteEnd(bool killed);
  std::string LastWordsOfStation() const;
  std::filesystem::path LastCounts() const { return folder_ / "last_counts.json"; }
  void OnBoard(RealTruth& truth) const;
  std::optional<std::uint64_t> MissesTold() const;

  RealLineOptions options_;
  sim::SoftSettings line_settings_;
  RealBelt belt_;
  Random random_;
  std::filesystem::path folder_;
  bool folder_kept_ = false;
  std::vector<image::Image> images_;
  RealTruth truth_;
  std::unique_ptr<line::SharedHost> host_;
  // Of mode H.
  line::LinuxGpioKernel gpio_;
  std::unique_ptr<line::GpioLoop> loop_;
  std::string station_tables_;
  bool ready_on_wire_ = false;
  std::unique_ptr<RealLine> line_;
  ChildProcess relay_;
  ChildProcess station_;
  std::uint64_t runs_before_ = 0;                     // when the present station was started
  std::vector<std::pair<std::uint64_t, bool>> ends_;  // run, killed (or failed)
  std::vector<TimePoint> kills_;
  RealConditions conditions_;
  session::HiccupWatch hiccups_;
  std::atomic<bool> hogs_stop_{false};
  std::vector<std::thread> hogs_;
};

}  // namespace taktgate::rig

#endif  // TAKTGATE_RIG_REAL_SESSION_H_
