#ifndef TAKTGATE_IMAGE_CORRELATE_H_
#define TAKTGATE_IMAGE_CORRELATE_H_

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace taktgate::image {

// A shift at which one profile fits another better than at the shifts beside it.
struct Peak {
  int shift = 0;
  double score = 0;  // normalised correlation there, -1 to 1
};

inline constexpr std::size_t kMaxPeaks = 3;

// The best peaks, best first; `count` 0: none.
struct Peaks {
  std::array<Peak, kMaxPeaks> best;
  std::size_t count = 0;
};

// Finds the middle of one profile (the template) in others of its length, by normalised
// correlation at every shift of -reach to +reach.
//
// Threads: one at a time. Allocates nothing after construction.
class ProfileMatcher {
 public:
  // The profile is longer than 2 x reach.
  ProfileMatcher(std::span<const double> profile, int reach);

  // False: the template is flat, nothing can be found.
  bool has_structure() const { return !template_.empty(); }

  // The best peak and those whose score comes near it. None: the profile is flat, or there is no
  // structure to look for.
  Peaks Match(std::span<const double> profile);

 private:
  void Correlate(std::span<const double> profile);
  void Normalise(std::span<const double> profile);
  bool IsPeak(std::size_t at) const;

  int reach_;
  std::vector<double> template_;  // mean 0, norm 1
  std::vector<double> scores_;    // of the shifts -reach .. +reach
};

}  // namespace taktgate::image

#endif  // TAKTGATE_IMAGE_CORRELATE_H_
