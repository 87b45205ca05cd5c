#include "line/shared/shared_line.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <new>
#include <string>

namespace taktgate::line {
namespace {

constexpr std::array<char, 8> kMagic = {'t', 'g', 'l', 'i', 'n', 'e', '\r', '\n'};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kAlign = 4096;

constexpr std::size_t Up(std::size_t bytes) { return (bytes + kAlign - 1) / kAlign * kAlign; }

// Where the parts of the file begin.
constexpr std::size_t kWordsAt = kAlign;
constexpr std::size_t kPixelsAt = kWordsAt + Up(sizeof(SharedWords));

// CRC-32 as in ISO 3309, bit by bit: it is computed once per file.
std::uint32_t Crc32(const void* bytes, std::size_t size) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (std::size_t i = 0; i < size; ++i) {
    crc ^= static_cast<const std::uint8_t*>(bytes)[i];
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1U ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

std::uint32_t CrcOf(const SharedHead& head) { return Crc32(&head, offsetof(SharedHead, crc)); }

std::size_t FrameBytes(const SharedLine::Size& size) {
  return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) *
         static_cast<std::size_t>(image::ChannelsOf(size.format));
}

std::size_t FileBytes(const SharedLine::Size& size) {
  return kPixelsAt + kSharedSlots * Up(FrameBytes(size));
}

SharedHead HeadOf(const SharedLine::Size& size) {
  SharedHead head{};  // NOLINT: no padding that would matter stays unset
  std::memset(static_cast<void*>(&head), 0, sizeof head);
  head.magic = kMagic;
  head.version = kVersion;
  head.width = static_cast<std::uint32_t>(size.width);
  head.height = static_cast<std::uint32_t>(size.height);
  head.format = static_cast<std::uint32_t>(size.format);
  head.words_bytes = sizeof(SharedWords);
  head.file_bytes = FileBytes(size);
  head.crc = CrcOf(head);
  return head;
}

Error Failed(const std::filesystem::path& path) {
  return {ErrorCode::kIo, "shared line " + path.string() + ": " + std::strerror(errno)};
}

struct flock RoleLock(SharedLine::Role role) {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(role);
  lock.l_len = 1;
  return lock;
}

// Locks of the open file, not of the process: they end when the last descriptor is gone.
bool AcquireRole(int fd, SharedLine::Role role) {
  struct flock lock = RoleLock(role);
  return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

bool RoleTaken(int fd, SharedLine::Role role) {
  struct flock lock = RoleLock(role);
  return fcntl(fd, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

// Nobody else may be serving this file; one that is left over goes, whoever still maps it.
Status RemoveOld(const std::filesystem::path& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return {};
  if (fd < 0) return Failed(path);
  const bool served = RoleTaken(fd, SharedLine::Role::kLine);
  close(fd);
  if (served) {
    return Error{ErrorCode::kWrongState, "shared line " + path.string() +
                                             ": another process serves it; stop that one or name "
                                             "another file"};
  }
  if (unlink(path.c_str()) != 0) return Failed(path);
  return {};
}

Result<SharedLine::Size> SizeOf(const SharedHead& head, std::uint64_t file_bytes) {
  if (head.magic != kMagic || head.crc != CrcOf(head)) {
    return Error{ErrorCode::kCorrupt,
                 "no shared line, or a torn one; name the file that `taktgate linesim` prints"};
  }
  if (head.version != kVersion || head.words_bytes != sizeof(SharedWords)) {
    return Error{ErrorCode::kUnsupported,
                 "expected a shared line of version " + std::to_string(kVersion) + " with " +
                     std::to_string(sizeof(SharedWords)) + " bytes of words, got version " +
                     std::to_string(head.version) + " with " + std::to_string(head.words_bytes) +
                     "; run line and station from the same build"};
  }
  const bool sound = head.width >= 1 && head.width <= image::kMaxSide && head.height >= 1 &&
                     head.height <= image::kMaxSide && head.format <= 1;
  const SharedLine::Size size{static_cast<int>(head.width), static_cast<int>(head.height),
                              static_cast<image::PixelFormat>(head.format)};
  if (!sound || head.file_bytes != FileBytes(size) || head.file_bytes != file_bytes) {
    return Error{ErrorCode::kCorrupt, "its sizes contradict each other; make it again"};
  }
  return size;
}

}  // namespace

SharedLine::SharedLine(int fd, void* mapped, std::size_t bytes, Size size)
    : fd_(fd),
      mapped_(mapped),
      bytes_(bytes),
      size_(size),
      words_(std::launder(
          reinterpret_cast<SharedWords*>(static_cast<std::uint8_t*>(mapped) + kWordsAt))) {}

SharedLine::~SharedLine() {
  munmap(mapped_, bytes_);
  close(fd_);
}

Result<std::unique_ptr<SharedLine>> SharedLine::Create(const std::filesystem::path& path,
                                                       Size size) {
  if (Status removed = RemoveOld(path); !removed) return removed.error();
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return Failed(path);
  const std::size_t bytes = FileBytes(size);
  // All pages now: a full file system is an error here, and a crash at the first touch otherwise.
  errno = posix_fallocate(fd, 0, static_cast<off_t>(bytes));
  void* mapped = errno != 0 || !AcquireRole(fd, Role::kLine)
                     ? MAP_FAILED
                     : mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) {
    const Error failed = Failed(path);
    close(fd);
    unlink(path.c_str());
    return failed;
  }
  new (static_cast<std::uint8_t*>(mapped) + kWordsAt) SharedWords{};
  const SharedHead head = HeadOf(size);
  std::memcpy(mapped, &head, sizeof head);
  return std::unique_ptr<SharedLine>(new SharedLine(fd, mapped, bytes, size));
}

Result<std::unique_ptr<SharedLine>> SharedLine::Open(const std::filesystem::path& path, Role role) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) {
    return Error{ErrorCode::kNotFound,
                 "shared line " + path.string() + ": no such file; start the line's process first"};
  }
  if (fd < 0) return Failed(path);
  const auto refuse = [fd, &path](const Error& error) {
    close(fd);
    return error.Within("shared line " + path.string());
  };
  SharedHead head{};
  struct stat file {};
  if (pread(fd, &head, sizeof head, 0) != sizeof head || fstat(fd, &file) != 0) {
    return refuse({ErrorCode::kCorrupt, "shorter than the head of a shared line"});
  }
  const auto size = SizeOf(head, static_cast<std::uint64_t>(file.st_size));
  if (!size) return refuse(size.error());
  if (!RoleTaken(fd, Role::kLine)) {
    return refuse({ErrorCode::kWrongState, "no process serves it; start the line's process"});
  }
  if (!AcquireRole(fd, role)) {
    return refuse({ErrorCode::kWrongState,
                   "another process has this role already; one station and one relay per line"});
  }
  void* mapped = mmap(nullptr, head.file_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) return refuse({ErrorCode::kIo, std::strerror(errno)});
  return std::unique_ptr<SharedLine>(new SharedLine(fd, mapped, head.file_bytes, *size));
}

bool SharedLine::Taken(Role role) const { return RoleTaken(fd_, role); }

std::size_t SharedLine::frame_bytes() const { return FrameBytes(size_); }

std::uint8_t* SharedLine::Pixels(std::size_t slot) {
  return static_cast<std::uint8_t*>(mapped_) + kPixelsAt + slot * Up(frame_bytes());
}

namespace {

constexpr int kTickBits = 10;  // of `until`: 1024 ns
constexpr std::uint64_t kNever = (std::uint64_t{1} << 48) - 1;
constexpr std::uint64_t kRunMask = 0x7FFF;

}  // namespace

std::uint64_t Pack(const WireLevel& level) {
  const std::uint64_t ticks = std::min(ToWord(level.until) >> kTickBits, kNever);
  return std::uint64_t{level.energised} << 63 | (level.run & kRunMask) << 48 | ticks;
}

WireLevel Unpack(std::uint64_t word) {
  const std::uint64_t ticks = word & kNever;
  return {word >> 63 != 0, ticks == kNever ? TimePoint::max() : FromWord(ticks << kTickBits),
          word >> 48 & kRunMask};
}

void Wake(WakeWord& word) {
  word.fetch_add(1, std::memory_order_release);
  syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

void WaitForWake(WakeWord& word, std::uint32_t seen, TimePoint until) {
  constexpr std::int64_t kNanos = 1'000'000'000;
  const std::int64_t nanos = std::max<std::int64_t>(0, until.time_since_epoch().count());
  timespec time{};
  time.tv_sec = static_cast<time_t>(nanos / kNanos);
  time.tv_nsec = static_cast<long>(nanos % kNanos);
  // With a bit set the time is absolute and of CLOCK_MONOTONIC.
  syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, seen, &time, nullptr, FUTEX_BITSET_MATCH_ANY);
}

}  // namespace taktgate::line
