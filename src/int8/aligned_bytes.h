#ifndef TAKTGATE_INT8_ALIGNED_BYTES_H_
#define TAKTGATE_INT8_ALIGNED_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>

namespace taktgate::int8 {

// Memory that begins at a cache line, all zero: its own, or a caller's that outlives it.
class AlignedBytes {
 public:
  static constexpr std::size_t kAlignedTo = 64;

  AlignedBytes() = default;
  explicit AlignedBytes(std::size_t size)
      : bytes_(static_cast<std::uint8_t*>(::operator new(size, kAlignment)), Free{true}),
        size_(size) {
    std::memset(bytes_.get(), 0, size);
  }
  explicit AlignedBytes(std::span<std::uint8_t> of_caller)
      : bytes_(of_caller.data(), Free{false}), size_(of_caller.size()) {
    std::memset(bytes_.get(), 0, size_);
  }
  std::uint8_t* data() const { return bytes_.get(); }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::align_val_t kAlignment{kAlignedTo};
  struct Free {
    bool own;
    void operator()(std::uint8_t* bytes) const {
      if (own) ::operator delete(bytes, kAlignment);
    }
  };
  std::unique_ptr<std::uint8_t, Free> bytes_{nullptr, Free{true}};
  std::size_t size_ = 0;
};

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_ALIGNED_BYTES_H_
