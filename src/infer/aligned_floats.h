#ifndef TAKTGATE_INFER_ALIGNED_FLOATS_H_
#define TAKTGATE_INFER_ALIGNED_FLOATS_H_

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <span>

namespace taktgate::infer {

// A fixed array of floats on a cache line of its own, as the runtime's kernels like it.
class AlignedFloats {
 public:
  AlignedFloats() = default;
  AlignedFloats(std::size_t size, float value)
      : data_(new (std::align_val_t{kAlignment}) float[size]), size_(size) {
    std::fill_n(data_.get(), size, value);
  }

  std::span<float> values() { return {data_.get(), size_}; }
  std::span<const float> values() const { return {data_.get(), size_}; }

 private:
  static constexpr std::size_t kAlignment = 64;
  struct Free {
    void operator()(float* data) const { ::operator delete[](data, std::align_val_t{kAlignment}); }
  };
  std::unique_ptr<float[], Free> data_;
  std::size_t size_ = 0;
};

}  // namespace taktgate::infer

#endif  // TAKTGATE_INFER_ALIGNED_FLOATS_H_
