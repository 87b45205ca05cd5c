#ifndef TAKTGATE_IMAGE_PIXEL_MATCH_H_
#define TAKTGATE_IMAGE_PIXEL_MATCH_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "image/contract.h"
#include "image/frame.h"

namespace taktgate::image {

// Sums over pairs of pixels, a and b, for their normalised correlation.
struct PairSums {
  std::int64_t count = 0;
  std::int64_t a = 0, b = 0;
  std::int64_t aa = 0, ab = 0, bb = 0;

  // Rows of at most 8192 px.
  void AddFirst(const std::uint8_t* row_a, int width);                              // count, a, aa
  void AddSecond(const std::uint8_t* row_a, const std::uint8_t* row_b, int width);  // b, ab, bb
  // -1 to 1; 0 where either side is flat.
  double Correlation() const;
};

// Compares the middle of the golden image, pixel by pixel in up to 4 bands of 32 rows, with a
// frame of the same size at a given shift. Costlier than profiles for one shift, but surer.
//
// Threads: const after construction; any. Allocates nothing after construction.
class PixelMatcher {
 public:
  // Grey images. `core` is the part of the golden image that is compared.
  PixelMatcher(const ImageView& golden, Rect core);

  // Normalised correlation, -1 to 1; 0 where either is flat. The core lies inside the frame after
  // the shift.
  double Score(const ImageView& frame, int shift_x, int shift_y) const;

  // How well the golden image fits itself at its second best place: the highest correlation that
  // is a peak among the shifts between any two of up to `reach` px. Near 1: it repeats itself, or
  // has edges in one direction only, and nobody can say where a part lies. The core keeps `reach`
  // px from the sides. Costs thousands of scores: for set-up.
  double SelfSimilarity(const ImageView& golden, int reach) const;

 private:
  Rect core_;
  std::vector<int> rows_;             // of the golden image that are compared
  std::vector<std::uint8_t> pixels_;  // of these rows
  PairSums golden_;                   // `a` is the golden image
};

}  // namespace taktgate::image

#endif  // TAKTGATE_IMAGE_PIXEL_MATCH_H_
