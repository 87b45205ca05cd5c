#ifndef TAKTGATE_BASE_LATEST_VALUE_H_
#define TAKTGATE_BASE_LATEST_VALUE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace taktgate {

// The latest value of something that one thread changes and any number of others look at. Its
// writer never waits: there is no lock, and a reader that comes in the middle of a change looks
// again. So a reader must be of lower priority than the writer, or on another core.
//
// Threads: Set from one; Read and changes from any.
template <typename T>
class LatestValue {
  static_assert(std::is_trivially_copyable_v<T>, "its bytes are copied word by word");

 public:
  // Allocates nothing, makes no system call.
  void Set(const T& value) {
    Words words{};
    std::memcpy(words.data(), &value, sizeof value);
    const std::uint64_t before = turn_.load(std::memory_order_relaxed);
    turn_.store(before + 1, std::memory_order_relaxed);  // odd: a change is in progress
    // Who sees one of these words sees the odd turn, too.
    for (std::size_t k = 0; k < kWords; ++k) {
      words_[k].store(words[k], std::memory_order_release);
    }
    turn_.store(before + 2, std::memory_order_release);
  }

  // One whole value, as it was set; T{} before the first.
  T Read() const {
    Words words;
    while (!Look(words)) {
    }
    T value;
    std::memcpy(static_cast<void*>(&value), words.data(), sizeof value);
    return value;
  }

  // How often it was set. Who has read the value at this number need not read it again.
  std::uint64_t changes() const { return turn_.load(std::memory_order_acquire) / 2; }

  LatestValue() { Set(T{}), turn_ = 0; }
  LatestValue(const LatestValue&) = delete;
  LatestValue& operator=(const LatestValue&) = delete;

 private:
  static constexpr std::size_t kWords = (sizeof(T) + 7) / 8;
  using Words = std::array<std::uint64_t, kWords>;

  bool Look(Words& words) const {
    const std::uint64_t before = turn_.load(std::memory_order_acquire);
    if (before % 2 != 0) return false;
    for (std::size_t k = 0; k < kWords; ++k) {
      words[k] = words_[k].load(std::memory_order_acquire);
    }
    return turn_.load(std::memory_order_relaxed) == before;
  }

  std::atomic<std::uint64_t> turn_{0};
  std::array<std::atomic<std::uint64_t>, kWords> words_{};
};

}  // namespace taktgate

#endif  // TAKTGATE_BASE_LATEST_VALUE_H_
