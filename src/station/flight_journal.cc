#include "station/flight_journal.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <new>
#include <string>

#include "base/file.h"

namespace taktgate::station {
namespace {

constexpr std::array<char, 8> kJournalMagic = {'t', 'g', 'f', 'l', 'i', 'g', 'h', 't'};
constexpr std::uint32_t kVersion = 1;
using BootId = std::array<char, 40>;  // of the kernel: another one after each start of the unit

// A part's word: sequence in the upper 48 bits, then reason, then stage with the released bit.
constexpr std::uint64_t kReleasedBit = 0x80;

std::uint64_t WordOf(std::uint64_t sequence, FlightJournal::Stage stage,
                     judge::Reason reason = judge::Reason::kNone, bool released = false) {
  return sequence << 16 | static_cast<std::uint64_t>(reason) << 8 |
         static_cast<std::uint64_t>(stage) | (released ? kReleasedBit : 0);
}

BootId KernelBootId() {
  BootId id{};
  std::ifstream("/proc/sys/kernel/random/boot_id").read(id.data(), id.size());
  return id;
}

Error CannotUse(const std::filesystem::path& path) {
  return {ErrorCode::kIo, path.string() + ": " + std::strerror(errno) +
                              "; parts in flight at a crash cannot be closed without it"};
}

// One file per state folder, whatever the folder is called today.
Result<std::filesystem::path> FileOf(const FlightJournal::Place& place) {
  struct stat folder {};
  if (stat(place.state.c_str(), &folder) != 0) return CannotUse(place.state);
  return place.memory / ("taktgate-" + std::to_string(folder.st_dev) + "-" +
                         std::to_string(folder.st_ino) + ".in_flight");
}

std::filesystem::path MarkOf(const FlightJournal::Place& place) { return place.state / "closed"; }

bool ClosedCleanly(const FlightJournal::Place& place, std::uint32_t boot) {
  const auto mark = ReadFile(MarkOf(place), 64);
  const std::string wanted = std::to_string(boot) + "\n";
  return mark && std::equal(mark->begin(), mark->end(), wanted.begin(), wanted.end());
}

}  // namespace

struct FlightJournal::File {
  struct Slot {
    std::atomic<std::uint64_t> word;
    std::atomic<std::int64_t> trigger_ns;
    std::atomic<std::int64_t> decided_ns;
  };
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t boot;
  BootId boot_id;
  std::array<char, 72> release;  // ends with a zero
  std::uint32_t slots;
  std::array<Slot, kSlots> slot;
};

Result<FlightJournal::Left> FlightJournal::Read(const Place& place, std::uint32_t boot) {
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
  Left left;
  if (boot <= 1) return left;
  left.boot = boot - 1;
  left.ending = Left::Ending::kClean;
  if (ClosedCleanly(place, left.boot)) return left;
  left.ending = Left::Ending::kUnknown;
  const auto path = FileOf(place);
  if (!path) return path.error();
  auto bytes = ReadFile(*path, sizeof(File) + 1);
  if (!bytes && bytes.error().code == ErrorCode::kIo) return bytes.error();
  if (!bytes || bytes->size() != sizeof(File)) return left;
  auto file = std::make_unique<File>();
  std::memcpy(static_cast<void*>(file.get()), bytes->data(), sizeof(File));
  const bool ours = file->magic == kJournalMagic && file->version == kVersion &&
                    file->slots == kSlots && file->boot == left.boot &&
                    file->boot_id == KernelBootId();
  if (!ours) return left;
  left.ending = Left::Ending::kCrash;
  left.release = file->release.data();
  for (const File::Slot& slot : file->slot) {
    const std::uint64_t word = slot.word;
    const auto stage = static_cast<Stage>(word & 0x7F);
    if (stage < Stage::kInFlight || stage > Stage::kDecided) continue;
    left.entries.push_back({{file->boot, word >> 16},
                            stage,
                            (word & kReleasedBit) != 0,
                            static_cast<judge::Reason>(word >> 8 & 0xFF),
                            TimePoint(Duration(slot.trigger_ns)),
                            TimePoint(Duration(slot.decided_ns))});
  }
  std::sort(left.entries.begin(), left.entries.end(),
            [](const Entry& a, const Entry& b) { return a.part.sequence < b.part.sequence; });
  return left;
}

Result<std::unique_ptr<FlightJournal>> FlightJournal::Begin(const Place& place, std::uint32_t boot,
                                                            std::string_view release) {
  // Beside the old one, which stays whole until the new one is.
  const auto named = FileOf(place);
  if (!named) return named.error();
  const std::filesystem::path& path = *named;
  const std::filesystem::path fresh = path.string() + ".new";
  const int fd = open(fresh.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return CannotUse(fresh);
  void* memory = MAP_FAILED;
  // Blocks, not a hole: a full disk must be said now and not by a signal later.
  if (const int failed = posix_fallocate(fd, 0, sizeof(File)); failed != 0) {
    errno = failed;
  } else {
    memory = mmap(nullptr, sizeof(File), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  }
  const int why = errno;
  close(fd);
  errno = why;
  if (memory == MAP_FAILED) return CannotUse(fresh);
  File* file = new (memory) File{};
  file->version = kVersion;
  file->boot = boot;
  file->boot_id = KernelBootId();
  release.copy(file->release.data(), file->release.size() - 1);
  file->slots = kSlots;
  file->magic = kJournalMagic;
  std::unique_ptr<FlightJournal> journal(new FlightJournal(place, file));
  if (rename(fresh.c_str(), path.c_str()) != 0) return CannotUse(path);
  return journal;
}

FlightJournal::~FlightJournal() { munmap(static_cast<void*>(file_), sizeof(File)); }

void FlightJournal::Edge(gate::PartId part, TimePoint at) {
  File::Slot& slot = file_->slot[part.sequence % kSlots];
  slot.word.store(0, std::memory_order_release);  // never the old part with the new part's time
  slot.trigger_ns.store(at.time_since_epoch().count(), std::memory_order_release);
  slot.word.store(WordOf(part.sequence, Stage::kInFlight), std::memory_order_release);
}

void FlightJournal::WillPass(gate::PartId part) {
  file_->slot[part.sequence % kSlots].word.store(WordOf(part.sequence, Stage::kPassing),
                                                 std::memory_order_release);
}

void FlightJournal::Decided(const gate::Decision& decision) {
  File::Slot& slot = file_->slot[decision.part.sequence % kSlots];
  slot.decided_ns.store(decision.decided_at.time_since_epoch().count(), std::memory_order_release);
  slot.word.store(
      WordOf(decision.part.sequence, Stage::kDecided, decision.reason, decision.released),
      std::memory_order_release);
}

Status FlightJournal::Close() {
  Status marked = WriteFileAtomically(MarkOf(place_), std::to_string(file_->boot) + "\n");
  if (!marked) return marked;
  std::error_code ignored;
  if (const auto path = FileOf(place_); path) std::filesystem::remove(*path, ignored);
  return {};
}

}  // namespace taktgate::station
