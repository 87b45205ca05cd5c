#include "int8/constants.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace taktgate::int8 {
namespace {

constexpr std::size_t kLine = 64;

#ifdef TAKTGATE_SANITIZED
// Each for itself, so that the sanitizers see a read beyond its end.
constexpr std::size_t kAtOnce = 0;

std::uint8_t* NewPages(std::size_t size) {
  auto* pages = static_cast<std::uint8_t*>(::operator new (size, std::align_val_t{kLine}));
  std::memset(pages, 0, size);
  return pages;
}
void DeletePages(std::uint8_t* pages, std::size_t) {
  ::operator delete (pages, std::align_val_t{kLine});
}
#else
// Pages that are not written to cost nothing.
constexpr std::size_t kAtOnce = std::size_t{1} << 20;

std::uint8_t* NewPages(std::size_t size) {
  void* pages = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  return static_cast<std::uint8_t*>(pages);
}
void DeletePages(std::uint8_t* pages, std::size_t size) { munmap(pages, size); }
#endif

}  // namespace

void Constants::GiveBack::operator()(std::uint8_t* pages) const { DeletePages(pages, size); }

std::uint8_t* Constants::Take(std::size_t bytes) {
  // Kernels may load a whole vector at the end.
  const std::size_t needed = (bytes + kLine + kLine - 1) / kLine * kLine;
  if (pages_.empty() || needed > left_) {
    const std::size_t size = std::max(needed, kAtOnce);
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
