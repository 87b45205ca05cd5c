#ifndef TAKTGATE_RIG_CHILD_PROCESS_H_
#define TAKTGATE_RIG_CHILD_PROCESS_H_

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace taktgate::rig {

// This program once more, as a child that does not outlive its parent.
//
// Threads: one.
class ChildProcess {
 public:
  ChildProcess() = default;
  // Kills what still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // What it prints is appended to `log`. io: it cannot be started.
  Status Start(const std::vector<std::string>& arguments, const std::filesystem::path& log);
  bool started() const { return pid_ > 0; }
  // How it ended, as a shell reports it (128 + signal); nothing while it runs.
  std::optional<int> Ended();
  void Signal(int signal) const;
  // SIGKILL, and until it is gone.
  void Kill();

 private:
  pid_t pid_ = -1;
  std::optional<int> ended_;
};

}  // namespace taktgate::rig

#endif  // TAKTGATE_RIG_CHILD_PROCESS_H_
