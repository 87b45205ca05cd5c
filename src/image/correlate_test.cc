#include "image/correlate.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace taktgate::image {
namespace {

constexpr int kReach = 10;

std::vector<double> RandomProfile(std::size_t length, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<double> values(length);
  for (double& value : values) value = static_cast<double>(random() % 100);
  return values;
}

// The same, moved by `shift`, brighter and above a floor.
std::vector<double> Moved(const std::vector<double>& values, int shift) {
  std::vector<double> moved(values.size(), 50);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto from = static_cast<std::ptrdiff_t>(i) - shift;
    if (from >= 0 && from < std::ssize(values)) {
      moved[i] = 1.3 * values[static_cast<std::size_t>(from)] + 8;
    }
  }
  return moved;
}

TEST(ProfileMatcher, FindsEveryShiftWhateverGainAndFloor) {
  const std::vector<double> profile = RandomProfile(80, 1);
  ProfileMatcher matcher(profile, kReach);
  for (int shift = -kReach; shift <= kReach; ++shift) {
    const Peaks peaks = matcher.Match(Moved(profile, shift));
    ASSERT_EQ(peaks.count, 1U);
    EXPECT_EQ(peaks.best[0].shift, shift);
    EXPECT_NEAR(peaks.best[0].score, 1, 1e-9);
  }
}

TEST(ProfileMatcher, GivesTheNearlyAsGoodPeaksTooBestFirst) {
  std::vector<double> profile;
  for (int i = 0; i < 80; ++i) profile.push_back(i % 7 == 0 ? 90 : 10);
  ProfileMatcher matcher(profile, kReach);
  std::vector<double> uneven = profile;
  uneven[35] = 70;
  const Peaks peaks = matcher.Match(uneven);
  ASSERT_EQ(peaks.count, 3U);
  EXPECT_GE(peaks.best[0].score, peaks.best[1].score);
  EXPECT_GE(peaks.best[1].score, peaks.best[2].score);
  for (const Peak& peak : peaks.best) EXPECT_EQ(peak.shift % 7, 0);
}

TEST(ProfileMatcher, FindsNothingWhereOneSideIsFlat) {
  const std::vector<double> flat(80, 12.0);
  const std::vector<double> profile = RandomProfile(80, 1);
  ProfileMatcher nothing(flat, kReach);
  EXPECT_FALSE(nothing.has_structure());
  EXPECT_EQ(nothing.Match(profile).count, 0U);
  ProfileMatcher matcher(profile, kReach);
  EXPECT_TRUE(matcher.has_structure());
  EXPECT_EQ(matcher.Match(flat).count, 0U);
}

}  // namespace
}  // namespace taktgate::image
