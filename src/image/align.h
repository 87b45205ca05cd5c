#ifndef TAKTGATE_IMAGE_ALIGN_H_
#define TAKTGATE_IMAGE_ALIGN_H_

#include <optional>

#include "base/result.h"
#include "image/frame.h"

namespace taktgate::image {

struct AlignmentSettings {
  int max_shift = 16;      // px, 1 to 16
  double min_score = 0.6;  // 0 to 1
};

struct Shift {
  int x = 0;  // the part lies x px to the right of where it lies in the golden image
  int y = 0;
  double score = 0;  // correlation of the profiles at this shift, the worse of the two axes
};

// Finds how far a part lies from its place in the golden image, once per part, by correlating
// edge profiles of rows and columns (projection; bounded time: one pass over the frame and
// 2 x (2 max_shift + 1) correlations). Allocates nothing after construction.
//
// Threads: one at a time.
class Aligner {
 public:
  // invalid: the golden image is too small for the shift or has no structure to align on.
  static Result<Aligner> Create(const ImageView& golden, const AlignmentSettings& settings);

  // nullopt: no shift within the limits fits well enough; the part is then `unknown`.
  // The frame must have the golden image's size (checked by the caller at the door).
  std::optional<Shift> Find(const ImageView& frame);

 private:
  Aligner() = default;
  // (private members are the implementer's)
};

}  // namespace taktgate::image

#endif  // TAKTGATE_IMAGE_ALIGN_H_
