#ifndef TAKTGATE_IMAGE_PROFILE_H_
#define TAKTGATE_IMAGE_PROFILE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "image/contract.h"
#include "image/frame.h"

namespace taktgate::image {

// How much edge lies in each column and each row of an image: the mean absolute difference, in
// grey levels, between neighbouring columns (rows). Brightness and slow shading fall out.
struct EdgeProfiles {
  std::vector<double> columns;  // width - 1 values: of pixel pairs x, x + 1
  std::vector<double> rows;     // height - 1 values
};

// Measures profiles of images of one size.
// Threads: one at a time. Allocates nothing after construction.
class Profiler {
 public:
  Profiler(int width, int height);

  // The columns' profile takes in only the rows [core.y, core.y + core.h), the rows' only the
  // columns [core.x, core.x + core.w). The core lies inside the image and is at least 2 px wide
  // and high; the image is grey and has the profiler's size.
  const EdgeProfiles& Measure(const ImageView& image, Rect core);

 private:
  void AddColumns(const std::uint8_t* row);
  void FlushColumns();

  EdgeProfiles profiles_;
  std::vector<std::uint16_t> few_rows_;  // sums over at most 256 rows, so that 16 bits do
  std::vector<std::uint32_t> column_sums_;
  int rows_added_ = 0;
};

}  // namespace taktgate::image

#endif  // TAKTGATE_IMAGE_PROFILE_H_
