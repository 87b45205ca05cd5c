#include "session/state_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace taktgate::session {
namespace {

Error Unwritable(const std::filesystem::path& path, const std::string& why) {
  return {ErrorCode::kIo, "state folder " + path.string() + ": " + why +
                              "; name a writable folder in [station] state"};
}

}  // namespace

Result<std::unique_ptr<StateFolder>> StateFolder::Claim(const std::filesystem::path& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed) return Unwritable(path, failed.message());
  if (access(path.c_str(), W_OK | X_OK) != 0) return Unwritable(path, std::strerror(errno));
  // The folder itself is locked: a file in it could be removed, and the next station would lock
  // another one.
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Unwritable(path, std::strerror(errno));
  std::unique_ptr<StateFolder> claimed(new StateFolder(fd));
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) return claimed;
  if (errno != EWOULDBLOCK) return Unwritable(path, std::strerror(errno));
  return Error{ErrorCode::kWrongState,
               "state folder " + path.string() +
                   ": another station uses it; stop that one, or give this one a [station] state "
                   "of its own"};
}

StateFolder::~StateFolder() { close(fd_); }

}  // namespace taktgate::session
