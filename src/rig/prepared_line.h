#ifndef TAKTGATE_RIG_PREPARED_LINE_H_
#define TAKTGATE_RIG_PREPARED_LINE_H_

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "image/frame.h"
#include "line/gpio/gpio_kernel.h"
#include "line/gpio/gpio_loop.h"
#include "line/replay.h"
#include "line/shared/shared_host.h"
#include "rig/real_belt.h"
#include "rig/real_options.h"
#include "rig/real_referee.h"
#include "sim/soft_settings.h"

namespace taktgate::rig {

// What a real line needs before it runs: its belt, boards with their truth, a folder with the
// station file, the shared line, and in mode H the board's wires.
//
// Threads: one.
class PreparedLine {
 public:
  static Result<std::unique_ptr<PreparedLine>> Create(const RealLineOptions& options);
  // Removes the folder, unless it is to be kept.
  ~PreparedLine();

  // With the rate of the line file, where there is one.
  const RealLineOptions& options() const { return options_; }
  const sim::SoftSettings& settings() const { return settings_; }
  const RealBelt& belt() const { return belt_; }
  const std::vector<image::Image>& images() const { return images_; }
  // Of barrier and camera; endless.
  const line::Schedule& schedule() const { return schedule_; }
  // The station file's, and the one it is swapped with, if any; boards in the order of images().
  const std::vector<ReleaseTruth>& releases() const { return releases_; }
  // Absolute.
  std::filesystem::path BundleOf(std::size_t release) const;
  line::SharedHost& host() { return *host_; }
  line::GpioLoop* loop() { return loop_.get(); }  // nullptr in mode R

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path station_file() const { return folder_ / "station.toml"; }
  std::filesystem::path state() const { return folder_ / "state"; }
  std::filesystem::path station_log() const { return folder_ / "station.log"; }
  std::filesystem::path records() const { return folder_ / "records.jsonl"; }
  // What the station counted until its end (taktgate run --json).
  std::filesystem::path last_counts() const { return folder_ / "last_counts.json"; }
  std::string shared_line() const { return "/dev/shm/" + folder_.filename().string(); }
  void KeepFolder() { folder_kept_ = true; }

 private:
  explicit PreparedLine(const RealLineOptions& options) : options_(options) {}
  Status ReadLine();
  Status OpenLoop();
  Status MakeBoards();
  Status AskRelease(const std::string& bundle);
  Status MakeFolder();
  Status MakeFiles();

  RealLineOptions options_;
  sim::SoftSettings settings_;
  RealBelt belt_;
  line::Schedule schedule_;
  std::filesystem::path folder_;
  bool folder_kept_ = false;
  std::vector<image::Image> images_;
  std::vector<bool> defective_;
  std::vector<ReleaseTruth> releases_;
  std::unique_ptr<line::SharedHost> host_;
  line::LinuxGpioKernel gpio_;  // outlives its lines
  std::unique_ptr<line::GpioLoop> loop_;
  std::string station_tables_;
};

}  // namespace taktgate::rig

#endif  // TAKTGATE_RIG_PREPARED_LINE_H_
