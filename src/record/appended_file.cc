#include "record/appended_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/file.h"

namespace taktgate::record {
namespace {

using SystemTime = std::chrono::system_clock::time_point;

// If the file system does not keep the time, a file's age counts from when it is opened.
SystemTime BegunAt(int fd) {
  struct statx info {};
  const auto now = std::chrono::system_clock::now();
  if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &info) != 0) return now;
  if ((info.stx_mask & STATX_BTIME) == 0) return now;
  return SystemTime(std::chrono::seconds(info.stx_btime.tv_sec));
}

bool EndsInsideLine(int fd, std::uint64_t size) {
  char last = '\n';
  return size > 0 && pread(fd, &last, 1, static_cast<off_t>(size - 1)) == 1 && last != '\n';
}

}  // namespace

AppendedFile::AppendedFile(std::filesystem::path path, const Rotation& rotation)
    : path_(std::move(path)), rotation_(rotation) {}

AppendedFile::~AppendedFile() { Close(); }

void AppendedFile::Close() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

Error AppendedFile::CannotWrite(const std::string& why) const {
  return {ErrorCode::kIo,
          "record file " + path_.string() + ": " + why + "; name a writable file in [record] file"};
}

Status AppendedFile::Open() {
  (void)Sync();  // of the one before: whoever moved it away has it whole
  Close();
  lines_ = 0;
  // Not blocking: a pipe without a reader is an unwritable file, not a wait.
  constexpr int kHow = O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK;
  fd_ = open(path_.c_str(), O_RDWR | kHow, 0644);
  // Write only: a pipe that this process could read would never be without a reader.
  struct stat info {};
  if (fd_ >= 0 && fstat(fd_, &info) == 0 && !S_ISREG(info.st_mode)) Close();
  if (fd_ < 0) fd_ = open(path_.c_str(), O_WRONLY | kHow, 0644);
  if (fd_ < 0 || fstat(fd_, &info) != 0) return CannotWrite(std::strerror(errno));
  regular_ = S_ISREG(info.st_mode);
  if (!regular_) return {};
  if (flock(fd_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    Close();
    return Error{ErrorCode::kWrongState,
                 "record file " + path_.string() +
                     ": another station writes it; stop that one, or give this one a [record] file "
                     "of its own"};
  }
  inside_line_ = EndsInsideLine(fd_, static_cast<std::uint64_t>(info.st_size));
  begun_ = BegunAt(fd_);
  if (info.st_size == 0) (void)SyncFolderOf(path_);  // lines are still written
  return {};
}

bool AppendedFile::AtItsPath() const {
  struct stat there {
  }, ours{};
  return stat(path_.c_str(), &there) == 0 && fstat(fd_, &ours) == 0 &&
         there.st_dev == ours.st_dev && there.st_ino == ours.st_ino;
}

bool AppendedFile::Removed() const {
  struct stat ours {};
  return regular_ && fstat(fd_, &ours) == 0 && ours.st_nlink == 0;
}

Status AppendedFile::Prepare(std::size_t bytes, std::string& said) {
  said.clear();
  const bool wanted = reopen_wanted_.exchange(false);
  if (fd_ >= 0 && regular_ && !AtItsPath()) {
    const bool removed = Removed();
    if (removed && !wanted) {
      lines_removed_ += lines_;
      said = path_.string() + " was removed with all that was in it, " + std::to_string(lines_) +
             " lines of this station; a new one is begun";
    }
    if (!removed && !wanted) said = path_.string() + " was renamed; a new one is begun";
    cannot_rotate_ = false;
    if (Status opened = Open(); !opened) return opened;
  } else if (fd_ < 0 || wanted) {
    if (Status opened = Open(); !opened) return opened;
  }
  return ToRotate(bytes) ? RotateOr(said) : Status{};
}

// If a file cannot be put aside, writing goes on in it: a large file loses nothing.
Status AppendedFile::RotateOr(std::string& said) {
  const Status rotated = Rotate();
  if (rotated || fd_ < 0 || !AtItsPath()) {
    cannot_rotate_ = false;
    return rotated;
  }
  if (!std::exchange(cannot_rotate_, true)) said = rotated.error().message;
  return {};
}

bool AppendedFile::ToRotate(std::size_t bytes) const {
  struct stat info {};
  if (!regular_ || fstat(fd_, &info) != 0 || info.st_size == 0) return false;
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (rotation_.bytes > 0 && size + bytes > rotation_.bytes) return true;
  return rotation_.age > Duration(0) && std::chrono::system_clock::now() - begun_ >= rotation_.age;
}

std::filesystem::path AppendedFile::Aside(int number) const {
  return path_.string() + "." + std::to_string(number);
}

// The oldest first, so that only what is not kept is ever replaced.
Status AppendedFile::Rotate() {
  std::error_code failed;
  if (Status synced = Sync(); !synced) return synced;
  for (int number = rotation_.keep; std::filesystem::remove(Aside(number), failed); ++number) {
  }
  for (int number = rotation_.keep - 1; number >= 1 && !failed; --number) {
    if (std::filesystem::exists(Aside(number), failed)) {
      std::filesystem::rename(Aside(number), Aside(number + 1), failed);
    }
  }
  if (!failed) std::filesystem::rename(path_, Aside(1), failed);
  if (failed) {
    return Error{ErrorCode::kIo,
                 path_.string() + " cannot be put aside: " + failed.message() +
                     "; writing goes on in it. Allow the station to rename in its folder"};
  }
  return Open();
}

FilePlace AppendedFile::End() const {
  struct stat info {};
  if (!regular_ || fstat(fd_, &info) != 0) return {};
  return {info.st_dev, info.st_ino, static_cast<std::uint64_t>(info.st_size)};
}

std::size_t AppendedFile::Append(std::string_view lines, std::string& why) {
  why.clear();
  if (!regular_) return AppendToPipe(lines, why);
  const FilePlace before = End();
  std::string text;
  if (inside_line_) text = "\n";
  text += lines;
  for (std::string_view left = text; !left.empty();) {
    const ssize_t written = write(fd_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      why = written == 0 ? "nothing was written" : std::strerror(errno);
      [[maybe_unused]] const int cut = ftruncate(fd_, static_cast<off_t>(before.offset));
      return 0;
    }
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  inside_line_ = false;
  lines_ += static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
  return lines.size();
}

// A line at a time: up to 4 KiB a pipe takes all or nothing. If it took part of a longer one, that
// line is lost, and a newline ends it.
std::size_t AppendedFile::AppendToPipe(std::string_view lines, std::string& why) {
  std::size_t done = 0;
  while (done < lines.size()) {
    if (inside_line_ && write(fd_, "\n", 1) != 1) break;
    inside_line_ = false;
    const std::size_t length = lines.find('\n', done) + 1 - done;
    const ssize_t written = write(fd_, lines.data() + done, length);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) break;
    inside_line_ = static_cast<std::size_t>(written) < length;
    done += length;
  }
  if (done < lines.size()) why = std::strerror(errno);
  return done;
}

Status AppendedFile::Sync() {
  if (fd_ < 0 || !regular_ || fdatasync(fd_) == 0) return {};
  return CannotWrite(std::strerror(errno));
}

}  // namespace taktgate::record
