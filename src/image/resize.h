#ifndef TAKTGATE_IMAGE_RESIZE_H_
#define TAKTGATE_IMAGE_RESIZE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "image/contract.h"

namespace taktgate::image {

// The weights of one axis (docs/formats.md, 2.3): target pixel i is a sum over the `count[i]`
// source pixels from `first[i]` on. Those of area and bilinear are divided by what all weights have
// in common, which changes no rounded value and keeps the sums small.
struct AxisWeights {
  struct Target {
    std::uint32_t first;  // source pixel
    std::uint32_t count;
    std::uint32_t weights;  // index of its first weight
  };
  std::vector<Target> targets;
  std::vector<std::uint32_t> weights;
  std::uint32_t total = 0;  // sum of the weights of each target pixel
};

// Lengths of 1 to 8192 px.
AxisWeights MakeAxisWeights(Resize method, int source, int target);

// Rounds sums of weighted pixels to pixels: (sum + total / 2) / total, exactly.
class RoundingDivider {
 public:
  explicit RoundingDivider(std::uint64_t total);

  // True when 32 bits hold every sum, and a multiplication replaces the division.
  bool is_small() const { return multiplier_ != 0; }
  std::uint8_t Divide(std::uint32_t sum) const {
    return static_cast<std::uint8_t>((std::uint64_t{sum + half_small_} * multiplier_) >> shift_);
  }
  std::uint8_t Divide(std::uint64_t sum) const {
    return static_cast<std::uint8_t>((sum + total_ / 2) / total_);
  }

 private:
  std::uint64_t total_;
  std::uint64_t multiplier_ = 0;
  std::uint32_t half_small_ = 0;
  int shift_ = 0;
};

// Resizes windows of one size to the tensor's: columns first, then rows, in whole numbers.
// Threads: const; any, with a scratch memory each.
class Resizer {
 public:
  Resizer(Resize method, int source_width, int source_height, int width, int height);

  int source_width() const { return source_width_; }
  int source_height() const { return source_height_; }
  std::size_t scratch_size(int channels) const {
    return static_cast<std::size_t>(source_width_) * static_cast<std::size_t>(channels);
  }

  // `source` and `target` have interleaved channels; target rows are not padded. `column_sums`
  // has room for scratch_size(channels) values.
  void Run(const ImageView& source, std::uint32_t* column_sums, std::uint8_t* target) const;

 private:
  void SumColumns(const ImageView& source, const AxisWeights::Target& row,
                  std::uint32_t* sums) const;
  template <int kChannels, typename Sum>
  void SumRow(const std::uint32_t* column_sums, std::uint8_t* target) const;
  template <int kChannels>
  void RunChannels(const ImageView& source, std::uint32_t* column_sums, std::uint8_t* target) const;

  int source_width_;
  int source_height_;
  AxisWeights x_;
  AxisWeights y_;
  int column_shift_;  // bits that column sums are rounded by; 0: they stay exact
  RoundingDivider divider_;
};

}  // namespace taktgate::image

#endif  // TAKTGATE_IMAGE_RESIZE_H_
