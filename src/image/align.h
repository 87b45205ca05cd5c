#ifndef TAKTGATE_IMAGE_ALIGN_H_
#define TAKTGATE_IMAGE_ALIGN_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "image/correlate.h"
#include "image/frame.h"
#include "image/pixel_match.h"
#include "image/profile.h"

namespace taktgate::image {

struct AlignmentSettings {
  int max_shift = 16;      // px, 1 to 16
  double min_score = 0.6;  // 0 to 1
};

struct Shift {
  int x = 0;  // the part is x px to the right of its place in the golden image
  int y = 0;
  double score = 0;  // normalised correlation of the pixels with the golden image's there
};

// Finds how far a part is from its place in the golden image, once per part: edge profiles of
// rows and columns name up to three places along each axis, the pixels decide between them and
// correct the last px. Bounded time: at most three passes over the frame and 33 comparisons of
// up to 128 rows; usually two passes and a dozen. Allocates nothing after construction. Either
// image may be grey or RGB.
//
// A place must fit better than the golden image fits itself anywhere else, so that a repeating or
// one-sided pattern is refused rather than found at a wrong shift. The answer is exact under lamp
// gain, noise and defects; blur of 1 px and more against a golden image with little structure can
// make it 1 px wrong.
//
// Threads: one at a time.
class Aligner {
 public:
  // invalid: settings outside their limits; a golden image that is too small for the shift, has
  // no structure to align on, or repeats itself within the shift.
  static Result<Aligner> Create(const ImageView& golden, const AlignmentSettings& settings);

  // nullopt: no shift within the limits fits well enough, that is, by min_score and better than the
  // golden image fits itself at a wrong place; the part is then `unknown`. So is a frame of another
  // size than the golden image's (the caller checks that first).
  std::optional<Shift> Find(const ImageView& frame);

 private:
  Aligner(const ImageView& golden, const AlignmentSettings& settings, int reach);
  ImageView Grey(const ImageView& image);
  bool FindPeaks(const ImageView& grey);
  Shift BestPlace(const ImageView& grey) const;
  std::optional<Shift> Correct(const ImageView& grey, Shift best) const;

  AlignmentSettings settings_;
  double min_score_ = 1;  // the settings', or more where the golden image resembles itself
  int reach_;             // of the search, px: a little beyond the limit
  int width_;
  int height_;
  std::vector<std::uint8_t> grey_;  // the frame, where it is RGB
  Profiler profiler_;
  std::optional<ProfileMatcher> columns_;  // of the golden image
  std::optional<ProfileMatcher> rows_;
  std::optional<PixelMatcher> pixels_;
  Peaks across_;  // of the frame in work
  Peaks down_;
};

}  // namespace taktgate::image

#endif  // TAKTGATE_IMAGE_ALIGN_H_
