#ifndef TAKTGATE_BASE_SPSC_RING_H_
#define TAKTGATE_BASE_SPSC_RING_H_

#include <atomic>
#include <bit>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <vector>

namespace taktgate {

// A bounded queue between exactly two threads that drops the newest when full and counts it.
// Nobody waits, nothing is allocated after construction.
//
// Threads: Push from one thread, Pop from one other; size and dropped from any.
template <typename T>
class DroppingSpscRing {
  static_assert(std::is_trivially_copyable_v<T>, "slots are overwritten without destruction");

 public:
  // Holds at least `capacity` items (rounded up to a power of two).
  explicit DroppingSpscRing(std::size_t capacity)
      : slots_(std::bit_ceil(capacity < 2 ? std::size_t{2} : capacity)), mask_(slots_.size() - 1) {}

  // False when full: the item is dropped and counted.
  bool Push(const T& item) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) == slots_.size()) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    slots_[tail & mask_] = item;
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  std::optional<T> Pop() {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return std::nullopt;
    T item = slots_[head & mask_];
    head_.store(head + 1, std::memory_order_release);
    return item;
  }

  std::size_t size() const {
    return tail_.load(std::memory_order_acquire) - head_.load(std::memory_order_acquire);
  }
  std::size_t capacity() const { return slots_.size(); }
  std::size_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  std::vector<T> slots_;
  const std::size_t mask_;
  alignas(64) std::atomic<std::size_t> head_{0};
  alignas(64) std::atomic<std::size_t> tail_{0};
  alignas(64) std::atomic<std::size_t> dropped_{0};
};

}  // namespace taktgate

#endif  // TAKTGATE_BASE_SPSC_RING_H_
