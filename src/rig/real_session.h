#ifndef TAKTGATE_RIG_REAL_SESSION_H_
#define TAKTGATE_RIG_REAL_SESSION_H_

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/result.h"
#include "rig/child_process.h"
#include "rig/prepared_line.h"
#include "rig/real_line.h"
#include "rig/real_options.h"
#include "rig/real_referee.h"
#include "rig/real_report.h"
#include "rig/release_swapper.h"
#include "rig/station_process.h"
#include "session/hiccup_watch.h"

namespace taktgate::rig {

// One run of a real line: starts its processes, does to them what the options say, and gathers what
// each side knows.
//
// Threads: one; those of the line and the hogs are its own.
class RealSession {
 public:
  static Result<std::unique_ptr<RealSession>> Create(const RealLineOptions& options);
  ~RealSession();

  // The error is that of a process that failed; violations are the referee's.
  Status Run();
  // After Run.
  RealTruth Truth();
  RealConditions Conditions();
  std::filesystem::path records() const { return prepared_->records(); }
  const std::filesystem::path& folder() const { return prepared_->folder(); }
  // Records and logs outlive this object.
  void KeepFolder() { prepared_->KeepFolder(); }

 private:
  explicit RealSession(std::unique_ptr<PreparedLine> prepared);
  bool disturbed() const;
  RealLineSettings LineSettings();
  Status StartRelay();
  Status AwaitRelay();
  void StartHogs();
  Status Disturb();
  Status Finish();
  void OnBoard(RealTruth& truth) const;
  std::optional<std::uint64_t> MissesReported() const;

  const std::unique_ptr<PreparedLine> prepared_;
  RealLine line_;
  ChildProcess relay_;
  StationProcess station_;
  ReleaseSwapper swapper_;
  TimePoint first_edge_{};
  session::HiccupWatch hiccups_;
  std::atomic<bool> hogs_stop_{false};
  std::vector<std::thread> hogs_;
};

}  // namespace taktgate::rig

#endif  // TAKTGATE_RIG_REAL_SESSION_H_
