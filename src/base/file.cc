#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace taktgate {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Error SystemError(std::string_view what, const std::filesystem::path& path) {
  const int number = errno;
  const ErrorCode code = number == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
  return {code, std::string(what) + " " + path.string() + ": " + std::strerror(number)};
}

Status WriteAll(int fd, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Result<std::vector<std::uint8_t>> ReadFile(const std::filesystem::path& path, std::size_t limit) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return SystemError("open", path);
  struct stat info {};
  if (fstat(file.get(), &info) != 0) return SystemError("stat", path);
  if (!S_ISREG(info.st_mode)) {
    return Error{ErrorCode::kInvalid,
                 path.string() + ": expected a regular file, got " +
                     (S_ISDIR(info.st_mode) ? "a folder" : "a device or pipe") + "; name a file"};
  }
  const auto too_large = [&](std::size_t came) {
    return Error{ErrorCode::kInvalid, path.string() + ": expected at most " +
                                          std::to_string(limit) + " bytes, got " +
                                          std::to_string(came)};
  };
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size > limit) return too_large(size);
  // Reads to the end: files in /proc say that they are empty, and a file may grow meanwhile.
  std::vector<std::uint8_t> bytes(size + 1);
  std::size_t have = 0;
  while (true) {
    if (have == bytes.size()) bytes.resize(2 * bytes.size());
    const ssize_t came = read(file.get(), bytes.data() + have, bytes.size() - have);
    if (came < 0 && errno == EINTR) continue;
    if (came < 0) return SystemError("read", path);
    if (came == 0) break;
    have += static_cast<std::size_t>(came);
    if (have > limit) return too_large(have);
  }
  bytes.resize(have);
  return bytes;
}

Status WriteFile(const std::filesystem::path& path, std::string_view bytes) {
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (file.get() < 0) return SystemError("create", path);
  return WriteAll(file.get(), bytes, path);
}

Status WriteFileAtomically(const std::filesystem::path& path, std::string_view bytes) {
  // A name that a crash cannot leave in use: process numbers are reused.
  std::string temporary = path.string() + ".tmp.XXXXXX";
  {
    const Descriptor file(mkostemp(temporary.data(), O_CLOEXEC));
    if (file.get() < 0) return SystemError("create", temporary);
    Status written = WriteAll(file.get(), bytes, temporary);
    if (written && fchmod(file.get(), 0644) != 0) written = SystemError("chmod", temporary);
    if (written && fsync(file.get()) != 0) written = SystemError("sync", temporary);
    if (!written) {
      unlink(temporary.c_str());
      return written;
    }
  }
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    const Error error = SystemError("rename to", path);
    unlink(temporary.c_str());
    return error;
  }
  return SyncFolderOf(path);
}

Status SyncFolderOf(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const Descriptor parent(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.get() < 0 || fsync(parent.get()) != 0) return SystemError("sync folder", folder);
  return {};
}

}  // namespace taktgate
