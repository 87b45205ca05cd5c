#include "image/align.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <utility>

#include "image/grey.h"

namespace taktgate::image {
namespace {

// Looks a little beyond the limit, so that a part just outside it shows its peak there and is
// refused instead of being found at the limit.
constexpr int kBeyondLimit = 3;
// At least this much of the golden image is compared along each axis, px.
constexpr int kMinTemplate = 24;
// The pixels of a frame must fit better than the golden image fits itself at a wrong place, by:
constexpr double kLead = 0.05;
// A golden image above this would leave frames no room for noise, blur and defects.
constexpr double kMaxSelfSimilarity = 0.88;
// Each pass measures the rows and columns that the pass before said belong together.
constexpr int kMaxPasses = 3;
// The profiles place a blurred and noisy part to about this many px; the pixels decide.
constexpr int kMaxCorrection = 2;

Rect CoreOf(int width, int height, int reach, int shift_x, int shift_y) {
  return {reach + shift_x, reach + shift_y, width - 2 * reach, height - 2 * reach};
}

Error NotUsable(const std::string& why, const std::string& remedy) {
  return {ErrorCode::kInvalid,
          "expected a golden image to align on, got one that " + why + "; " + remedy};
}

}  // namespace

Aligner::Aligner(const ImageView& golden, const AlignmentSettings& settings, int reach)
    : settings_(settings),
      reach_(reach),
      width_(golden.width),
      height_(golden.height),
      grey_(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_)),
      profiler_(golden.width, golden.height) {
  const ImageView grey = Grey(golden);
  const Rect core = CoreOf(width_, height_, reach_, 0, 0);
  const EdgeProfiles& profiles = profiler_.Measure(grey, core);
  columns_.emplace(profiles.columns, reach_);
  rows_.emplace(profiles.rows, reach_);
  pixels_.emplace(grey, core);
}

Result<Aligner> Aligner::Create(const ImageView& golden, const AlignmentSettings& settings) {
  if (settings.max_shift < 1 || settings.max_shift > 16 || !(settings.min_score >= 0) ||
      settings.min_score > 1) {
    return Error{ErrorCode::kInvalid, "expected a shift of 1 to 16 px and a score of 0 to 1, got " +
                                          std::to_string(settings.max_shift) + " px and " +
                                          std::to_string(settings.min_score) +
                                          "; correct the recipe's alignment"};
  }
  const int reach = settings.max_shift + kBeyondLimit;
  const int least = 2 * reach + kMinTemplate + 1;
  if (std::min(golden.width, golden.height) < least) {
    return NotUsable("is " + std::to_string(golden.width) + " x " + std::to_string(golden.height) +
                         " px, below " + std::to_string(least) + " a side",
                     "lower max_shift or use larger frames");
  }
  Aligner aligner(golden, settings, reach);
  if (!aligner.columns_->has_structure() || !aligner.rows_->has_structure()) {
    return NotUsable(aligner.columns_->has_structure() ? "is the same in every row"
                                                       : "is the same in every column",
                     "use a golden image with edges in both directions, or no alignment");
  }
  const double similarity = aligner.pixels_->SelfSimilarity(aligner.Grey(golden), reach);
  if (similarity > kMaxSelfSimilarity) {
    return NotUsable("repeats itself, or has edges in one direction only (it fits itself to " +
                         std::to_string(similarity) + " at a wrong place)",
                     "lower max_shift below the period, or use no alignment");
  }
  aligner.min_score_ = std::max(settings.min_score, similarity + kLead);
  return aligner;
}

ImageView Aligner::Grey(const ImageView& image) {
  if (image.format == PixelFormat::kGrey8) return image;
  const auto width = static_cast<std::size_t>(width_);
  for (int y = 0; y < height_; ++y) {
    GreyFromRgb(image.Row(y), width, grey_.data() + static_cast<std::size_t>(y) * width);
  }
  return {grey_.data(), width_, height_, width, PixelFormat::kGrey8};
}

std::optional<Shift> Aligner::Find(const ImageView& frame) {
  if (frame.width != width_ || frame.height != height_) return std::nullopt;
  const ImageView grey = Grey(frame);
  if (!FindPeaks(grey)) return std::nullopt;
  const auto shift = Correct(grey, BestPlace(grey));
  if (!shift || std::abs(shift->x) > settings_.max_shift ||
      std::abs(shift->y) > settings_.max_shift || shift->score < min_score_) {
    return std::nullopt;
  }
  return shift;
}

bool Aligner::FindPeaks(const ImageView& grey) {
  int x = 0;
  int y = 0;
  for (int pass = 0; pass < kMaxPasses; ++pass) {
    const EdgeProfiles& profiles = profiler_.Measure(grey, CoreOf(width_, height_, reach_, x, y));
    across_ = columns_->Match(profiles.columns);
    down_ = rows_->Match(profiles.rows);
    if (across_.count == 0 || down_.count == 0) return false;
    if (across_.best[0].shift == x && down_.best[0].shift == y) break;
    x = across_.best[0].shift;
    y = down_.best[0].shift;
  }
  return true;
}

// The pair of peaks where the pixels fit best.
Shift Aligner::BestPlace(const ImageView& grey) const {
  Shift best{0, 0, -2};
  for (std::size_t i = 0; i < across_.count; ++i) {
    for (std::size_t j = 0; j < down_.count; ++j) {
      const int x = across_.best[i].shift;
      const int y = down_.best[j].shift;
      const double score = pixels_->Score(grey, x, y);
      if (score > best.score) best = {x, y, score};
    }
  }
  return best;
}

// Climbs from place to place while one of the eight around it fits better.
std::optional<Shift> Aligner::Correct(const ImageView& grey, Shift best) const {
  for (int step = 0; step <= kMaxCorrection; ++step) {
    const Shift centre = best;
    if (std::max(std::abs(centre.x), std::abs(centre.y)) >= reach_) return std::nullopt;
    for (int y = centre.y - 1; y <= centre.y + 1; ++y) {
      for (int x = centre.x - 1; x <= centre.x + 1; ++x) {
        if (x == centre.x && y == centre.y) continue;
        const double score = pixels_->Score(grey, x, y);
        if (score > best.score) best = {x, y, score};
      }
    }
    if (best.x == centre.x && best.y == centre.y) return best;
  }
  return std::nullopt;
}

}  // namespace taktgate::image
