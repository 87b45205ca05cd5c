#include "int8/constants.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

namespace taktgate::int8 {
namespace {

constexpr std::size_t kLine = 64;

#ifdef TAKTGATE_SANITIZED
// Each for itself, so that the sanitizers see a read beyond its end.
std::size_t RoundedUp(std::size_t needed) { return needed; }

std::uint8_t* NewPages(std::size_t size) {
  auto* pages = static_cast<std::uint8_t*>(::operator new (size, std::align_val_t{kLine}));
  std::memset(pages, 0, size);
  return pages;
}
void DeletePages(std::uint8_t* pages, std::size_t) {
  ::operator delete (pages, std::align_val_t{kLine});
}
#else
// Large pages where the system has some: after 10 ms of other work a run of 1.5 MB of weights finds
// none of 380 small ones at hand, and takes a tenth to a third longer.
constexpr std::size_t kAtOnce = std::size_t{2} << 20;

std::uint8_t* NewPages(std::size_t size) {
  void* all =
      mmap(nullptr, size + kAtOnce, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) throw std::bad_alloc();
  auto* first = static_cast<std::uint8_t*>(all);
  const std::size_t before =
      (kAtOnce - reinterpret_cast<std::uintptr_t>(first) % kAtOnce) % kAtOnce;
  if (before > 0) munmap(first, before);
  if (before < kAtOnce) munmap(first + before + size, kAtOnce - before);
  madvise(first + before, size, MADV_HUGEPAGE);  // a wish: without it small pages do
  return first + before;
}
void DeletePages(std::uint8_t* pages, std::size_t size) { munmap(pages, size); }
std::size_t RoundedUp(std::size_t needed) { return (needed + kAtOnce - 1) / kAtOnce * kAtOnce; }
#endif

}  // namespace

void Constants::GiveBack::operator()(std::uint8_t* pages) const { DeletePages(pages, size); }

std::uint8_t* Constants::Take(std::size_t bytes) {
  // Kernels may load a whole vector at the end.
  const std::size_t needed = (bytes + kLine + kLine - 1) / kLine * kLine;
  if (pages_.empty() || needed > left_) {
    const std::size_t size = RoundedUp(needed);
    pages_.reserve(pages_.size() + 1);
    pages_.emplace_back(NewPages(size), GiveBack{size});
    next_ = pages_.back().get();
    left_ = size;
  }
  std::uint8_t* taken = next_;
  next_ += needed;
  left_ -= needed;
  bytes_ += needed;
  return taken;
}

}  // namespace taktgate::int8
