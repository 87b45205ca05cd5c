#include "record/flight_journal.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include "base/file.h"
#include "record/releases.h"

namespace taktgate::record {
namespace {

constexpr std::array<char, 8> kJournalMagic = {'t', 'g', 'f', 'l', 'i', 'g', 'h', 't'};
constexpr std::uint32_t kVersion = 3;
using ReleaseId = std::array<char, 72>;  // ends with a zero
using BootId = std::array<char, 40>;     // of the kernel: a new one at each start of the unit

// A part's word: sequence in the upper 48 bits, then reason, then stage with the released bit.
constexpr std::uint64_t kReleasedBit = 0x80;

std::uint64_t WordOf(std::uint64_t sequence, FlightJournal::Stage stage,
                     judge::Reason reason = judge::Reason::kNone, bool released = false) {
  return sequence << 16 | static_cast<std::uint64_t>(reason) << 8 |
         static_cast<std::uint64_t>(stage) | (released ? kReleasedBit : 0);
}

// For a word that may hold no time: the station's clock begins at zero.
TimePoint TimeOf(std::int64_t ns) { return TimePoint(Duration(std::max<std::int64_t>(ns, 0))); }

BootId KernelBootId() {
  BootId id{};
  const auto bytes = ReadFile("/proc/sys/kernel/random/boot_id", id.size());
  if (bytes) std::copy(bytes->begin(), bytes->end(), id.begin());
  return id;
}

Error CannotUse(const std::filesystem::path& path, int why) {
  return {ErrorCode::kIo, path.string() + ": " + std::strerror(why) +
                              "; parts in flight at a crash cannot be closed without it"};
}

// One beginning per state folder, whatever the folder is called today. The time of its birth tells
// it from one that was removed and had the same inode; file systems that do not keep it say 0.
Result<std::string> BeginningOf(const FlightJournal::Place& place) {
  struct statx folder {};
  if (statx(AT_FDCWD, place.state.c_str(), 0, STATX_INO | STATX_BTIME, &folder) != 0) {
    return CannotUse(place.state, errno);
  }
  const std::uint64_t device = makedev(folder.stx_dev_major, folder.stx_dev_minor);
  std::string beginning = "taktgate";
  for (const std::uint64_t number :
       {device, std::uint64_t{folder.stx_ino}, static_cast<std::uint64_t>(folder.stx_btime.tv_sec),
        std::uint64_t{folder.stx_btime.tv_nsec}}) {
    beginning += "-" + std::to_string(number);
  }
  return beginning + ".in_flight.";
}

bool OnlyWeCanWrite(const struct stat& info) {
  return S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
         (info.st_mode & (S_IWGRP | S_IWOTH)) == 0 && info.st_nlink == 1;
}

}  // namespace

struct FlightJournal::Header {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t boot;
  BootId boot_id;
  std::array<ReleaseId, Releases::kMost> releases;  // by their number, from 1
  std::uint64_t slots;
  std::atomic<std::uint64_t> device, inode, offset;  // of the last lines
};

struct FlightJournal::Slot {
  std::atomic<std::uint64_t> word;
  std::atomic<std::int64_t> trigger_ns;
  std::atomic<std::int64_t> decided_ns;
  std::atomic<std::uint64_t> release;  // its number
};

FlightJournal::FlightJournal(std::filesystem::path path, void* memory, std::size_t bytes)
    : path_(std::move(path)),
      bytes_(bytes),
      header_(static_cast<Header*>(memory)),
      slots_(reinterpret_cast<Slot*>(header_ + 1), (bytes - sizeof(Header)) / sizeof(Slot)) {}

FlightJournal::~FlightJournal() { munmap(header_, bytes_); }

std::unique_ptr<FlightJournal> FlightJournal::Map(std::filesystem::path path, int fd,
                                                  std::size_t bytes) {
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return nullptr;
  return std::unique_ptr<FlightJournal>(new FlightJournal(std::move(path), memory, bytes));
}

Result<std::unique_ptr<FlightJournal>> FlightJournal::Begin(const Place& place, std::uint32_t boot,
                                                            std::string_view release,
                                                            std::size_t slots) {
  const auto beginning = BeginningOf(place);
  if (!beginning) return beginning.error();
  std::string name = (place.memory / (*beginning + "XXXXXX")).string();
  const int fd = mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) return CannotUse(place.memory / *beginning, errno);
  const std::size_t bytes = sizeof(Header) + slots * sizeof(Slot);
  // Blocks, not a hole: a full disk must be reported now, and not by a signal later.
  errno = posix_fallocate(fd, 0, static_cast<off_t>(bytes));
  auto journal = errno == 0 ? Map(name, fd, bytes) : nullptr;
  const int why = errno;
  close(fd);
  if (!journal) {
    unlink(name.c_str());
    return CannotUse(name, why);
  }
  Header* header = new (journal->header_) Header{};
  header->version = kVersion;
  header->boot = boot;
  header->boot_id = KernelBootId();
  journal->NameRelease(1, release);
  header->slots = slots;
  header->magic = kJournalMagic;  // last: half a journal does not count
  return journal;
}

bool FlightJournal::IsOurs() const {
  return header_->magic == kJournalMagic && header_->version == kVersion &&
         header_->slots == slots_.size() && bytes_ == sizeof(Header) + slots_.size_bytes() &&
         header_->boot_id == KernelBootId();
}

Result<std::vector<std::unique_ptr<FlightJournal>>> FlightJournal::LeftBehind(const Place& place) {
  std::vector<std::unique_ptr<FlightJournal>> journals;
  const auto beginning = BeginningOf(place);
  if (!beginning) return beginning.error();
  std::error_code failed;
  std::filesystem::directory_iterator files(place.memory, failed);
  for (const auto end = std::filesystem::end(files); files != end; files.increment(failed)) {
    if (!files->path().filename().string().starts_with(*beginning)) continue;
    if (auto journal = TakeOver(files->path())) journals.push_back(std::move(journal));
  }
  if (failed) return CannotUse(place.memory, failed.value());
  std::sort(journals.begin(), journals.end(),
            [](const auto& a, const auto& b) { return a->boot() < b->boot(); });
  return journals;
}

// nullptr for a file that is not ours.
std::unique_ptr<FlightJournal> FlightJournal::TakeOver(const std::filesystem::path& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  struct stat info {};  // zeros, and not safe, where there is no file
  const bool safe = fstat(fd, &info) == 0 && OnlyWeCanWrite(info);
  const auto bytes = static_cast<std::size_t>(info.st_size);
  auto journal = safe && bytes > sizeof(Header) ? Map(path, fd, bytes) : nullptr;
  close(fd);
  if (journal && journal->IsOurs()) return journal;
  if (safe) unlink(path.c_str());  // begun by us, and never finished
  return nullptr;
}

FlightJournal::Slot& FlightJournal::SlotOf(std::uint64_t sequence) {
  return slots_[sequence % slots_.size()];
}

void FlightJournal::NameRelease(std::uint32_t number, std::string_view id) {
  ReleaseId& release = header_->releases[number - 1];
  id.copy(release.data(), release.size() - 1);
}

// Any number may stand in a file that was left behind.
std::string FlightJournal::ReleaseOf(const Slot& slot) const {
  const std::uint64_t number = slot.release;
  if (number == 0 || number > header_->releases.size()) return {};
  const ReleaseId& release = header_->releases[number - 1];
  return {release.data(), strnlen(release.data(), release.size())};
}

void FlightJournal::Edge(gate::PartId part, TimePoint at, std::uint32_t release) {
  Slot& slot = SlotOf(part.sequence);
  slot.word.store(0, std::memory_order_release);  // never the old part with the new part's time
  slot.trigger_ns.store(at.time_since_epoch().count(), std::memory_order_release);
  slot.release.store(release, std::memory_order_release);
  slot.word.store(WordOf(part.sequence, Stage::kInFlight), std::memory_order_release);
}

void FlightJournal::WillPass(gate::PartId part) {
  SlotOf(part.sequence)
      .word.store(WordOf(part.sequence, Stage::kPassing), std::memory_order_release);
}

void FlightJournal::Decided(const gate::Decision& decision) {
  Slot& slot = SlotOf(decision.part.sequence);
  slot.decided_ns.store(decision.decided_at.time_since_epoch().count(), std::memory_order_release);
  slot.word.store(
      WordOf(decision.part.sequence, Stage::kDecided, decision.reason, decision.released),
      std::memory_order_release);
}

void FlightJournal::WillRecord(const FilePlace& place) {
  header_->device.store(place.device, std::memory_order_release);
  header_->inode.store(place.inode, std::memory_order_release);
  header_->offset.store(place.offset, std::memory_order_release);
}

void FlightJournal::Recorded(gate::PartId part) {
  Slot& slot = SlotOf(part.sequence);
  std::uint64_t word = slot.word.load(std::memory_order_acquire);
  if (part.boot != boot() || word >> 16 != part.sequence) return;
  // If the gate thread has begun another part meanwhile, its word stays.
  slot.word.compare_exchange_strong(word, WordOf(part.sequence, Stage::kRecorded));
}

std::uint32_t FlightJournal::boot() const { return header_->boot; }

FlightJournal::Left FlightJournal::Look() const {
  Left left;
  left.boot = boot();
  left.last_lines = {header_->device, header_->inode, header_->offset};
  for (const Slot& slot : slots_) {
    const std::uint64_t word = slot.word;
    if (&slot != &slots_[(word >> 16) % slots_.size()]) continue;  // no part belongs there
    const auto stage = static_cast<Stage>(word & 0x7F);
    if (stage < Stage::kInFlight || stage > Stage::kDecided) continue;
    left.entries.push_back({{boot(), word >> 16},
                            stage,
                            (word & kReleasedBit) != 0,
                            static_cast<judge::Reason>(word >> 8 & 0xFF),
                            TimeOf(slot.trigger_ns),
                            TimeOf(slot.decided_ns),
                            ReleaseOf(slot)});
  }
  std::sort(left.entries.begin(), left.entries.end(),
            [](const Entry& a, const Entry& b) { return a.part.sequence < b.part.sequence; });
  return left;
}

void FlightJournal::Remove() { unlink(path_.c_str()); }

}  // namespace taktgate::record
