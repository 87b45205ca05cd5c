#include "line/shared/change_log.h"

#include "line/shared/shared_line.h"

namespace taktgate::line {
namespace {

Change ReadFrom(const SharedChange& slot) {
  const std::uint64_t what = slot.what.load(std::memory_order_relaxed);
  return {static_cast<std::uint32_t>(what / 2), what % 2 != 0,
          FromWord(slot.until.load(std::memory_order_relaxed)),
          FromWord(slot.before.load(std::memory_order_relaxed)),
          FromWord(slot.after.load(std::memory_order_relaxed))};
}

}  // namespace

ChangeWriter::ChangeWriter(SharedChanges& changes, TimePoint now)
    : changes_(changes), count_(changes.published.load(std::memory_order_acquire)) {
  const std::uint64_t left = slot().number.load(std::memory_order_acquire);
  if (left == 2 * count_ + 1) {
    torn_ = ReadFrom(slot());
    End(now);
  } else if (left == 2 * count_ + 2) {
    changes_.published.store(++count_, std::memory_order_release);
  }
}

void ChangeWriter::Begin(std::uint32_t line, bool energised, TimePoint until, TimePoint before) {
  SharedChange& change = slot();
  change.number.store(0, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  change.what.store(line * 2 + (energised ? 1U : 0U), std::memory_order_relaxed);
  change.until.store(ToWord(until), std::memory_order_relaxed);
  change.before.store(ToWord(before), std::memory_order_relaxed);
  change.number.store(2 * count_ + 1, std::memory_order_release);
}

void ChangeWriter::End(TimePoint after) {
  SharedChange& change = slot();
  change.after.store(ToWord(after), std::memory_order_relaxed);
  change.number.store(2 * count_ + 2, std::memory_order_release);
  changes_.published.store(++count_, std::memory_order_release);
}

bool ChangeReader::Next(Change& change) {
  while (true) {
    const std::uint64_t published = changes_.published.load(std::memory_order_acquire);
    if (next_ >= published) return false;
    if (published - next_ > kSharedChanges) {
      overtaken_ += published - kSharedChanges - next_;
      next_ = published - kSharedChanges;
    }
    const SharedChange& slot = changes_.slots[next_ % kSharedChanges];
    const std::uint64_t number = slot.number.load(std::memory_order_acquire);
    change = ReadFrom(slot);
    std::atomic_thread_fence(std::memory_order_acquire);
    const bool whole = number == 2 * next_ + 2 && slot.number.load() == number;
    ++next_;
    if (whole) return true;
    ++overtaken_;
  }
}

}  // namespace taktgate::line
