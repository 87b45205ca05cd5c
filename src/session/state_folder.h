#ifndef TAKTGATE_SESSION_STATE_FOLDER_H_
#define TAKTGATE_SESSION_STATE_FOLDER_H_

#include <filesystem>
#include <memory>

#include "base/result.h"

namespace taktgate::session {

// A state folder that this process alone uses, until the object or the process is gone, however it
// ended: two stations would give the same part ids.
//
// Threads: one.
class StateFolder {
 public:
  // Makes the folder where it is not there. wrong_state: another station uses it. io: not writable.
  static Result<std::unique_ptr<StateFolder>> Claim(const std::filesystem::path& path);
  ~StateFolder();
  StateFolder(const StateFolder&) = delete;
  StateFolder& operator=(const StateFolder&) = delete;

 private:
  explicit StateFolder(int fd) : fd_(fd) {}
  const int fd_;
};

}  // namespace taktgate::session

#endif  // TAKTGATE_SESSION_STATE_FOLDER_H_
