#include "image/correlate.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace taktgate::image {
namespace {

// Below this spread (mean square, grey levels) a profile is only rounding error.
constexpr double kFlat = 1e-4;
constexpr double kNowhere = -2;
// Peaks further below the best one than this are not compared pixel by pixel.
constexpr double kNear = 0.3;

double SquaredSpread(std::span<const double> values) {
  const double mean =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return sum;
}

}  // namespace

ProfileMatcher::ProfileMatcher(std::span<const double> profile, int reach)
    : reach_(reach), scores_(2 * static_cast<std::size_t>(reach) + 1) {
  const auto middle = profile.subspan(static_cast<std::size_t>(reach),
                                      profile.size() - 2 * static_cast<std::size_t>(reach));
  const auto count = static_cast<double>(middle.size());
  const double mean = std::accumulate(middle.begin(), middle.end(), 0.0) / count;
  const double spread = SquaredSpread(middle);
  if (spread < kFlat * count) return;
  for (const double value : middle) template_.push_back((value - mean) / std::sqrt(spread));
}

// Shifts in the inner loop: independent sums, which the compiler can do side by side.
void ProfileMatcher::Correlate(std::span<const double> profile) {
  std::fill(scores_.begin(), scores_.end(), 0.0);
  const std::size_t shifts = scores_.size();
  double* __restrict scores = scores_.data();
  for (std::size_t k = 0; k < template_.size(); ++k) {
    const double weight = template_[k];
    const double* values = profile.data() + k;
    for (std::size_t s = 0; s < shifts; ++s) scores[s] += weight * values[s];
  }
}

// Divides by the spread of the profile's part under the template; a flat one fits nowhere.
void ProfileMatcher::Normalise(std::span<const double> profile) {
  const std::size_t length = template_.size();
  const auto count = static_cast<double>(length);
  double sum = 0;
  double squares = 0;
  for (std::size_t k = 0; k < length; ++k) {
    sum += profile[k];
    squares += profile[k] * profile[k];
  }
  for (std::size_t s = 0;; ++s) {
    const double spread = squares - sum * sum / count;
    scores_[s] = spread >= kFlat * count ? scores_[s] / std::sqrt(spread) : kNowhere;
    if (s + 1 == scores_.size()) return;
    sum += profile[s + length] - profile[s];
    squares += profile[s + length] * profile[s + length] - profile[s] * profile[s];
  }
}

bool ProfileMatcher::IsPeak(std::size_t at) const {
  return (at == 0 || scores_[at] >= scores_[at - 1]) &&
         (at + 1 == scores_.size() || scores_[at] > scores_[at + 1]);
}

Peaks ProfileMatcher::Match(std::span<const double> profile) {
  Peaks peaks;
  if (!has_structure()) return peaks;
  Correlate(profile);
  Normalise(profile);
  for (std::size_t at = 0; at < scores_.size(); ++at) {
    if (scores_[at] == kNowhere || !IsPeak(at)) continue;
    Peak peak{static_cast<int>(at) - reach_, scores_[at]};
    for (std::size_t place = 0; place < kMaxPeaks; ++place) {
      if (place == peaks.count) {
        peaks.best[peaks.count++] = peak;
        break;
      }
      if (peak.score > peaks.best[place].score) std::swap(peak, peaks.best[place]);
    }
  }
  while (peaks.count > 1 && peaks.best[peaks.count - 1].score < peaks.best[0].score - kNear) {
    --peaks.count;
  }
  return peaks;
}

}  // namespace taktgate::image
