#include "record/releases.h"

#include <gtest/gtest.h>

#include <thread>

#include "record/test_releases.h"

namespace taktgate::record {
namespace {

using testing::SmallReleaseOf;

TEST(Releases, EachHasItsNumberForGood) {
  Releases releases;
  EXPECT_EQ(releases.size(), 0U);
  EXPECT_EQ(releases.Find(1), nullptr);
  EXPECT_EQ(releases.Add(SmallReleaseOf('a'), "onnxruntime").value(), 1U);
  EXPECT_EQ(releases.Add(SmallReleaseOf('b'), "onnxruntime").value(), 2U);
  EXPECT_EQ(releases.Add(SmallReleaseOf('a'), "onnxruntime").value(), 1U)
      << "the same release again";
  EXPECT_EQ(releases.size(), 2U);
  ASSERT_NE(releases.Find(2), nullptr);
  EXPECT_EQ(releases.Find(2)->id, std::string(64, 'b'));
  EXPECT_EQ(releases.Find(2)->labels, (std::vector<std::string>{"good", "bad"}));
  EXPECT_EQ(releases.Find(2)->windows, (std::vector<std::string>{"left", "right"}));
  EXPECT_EQ(releases.Find(1)->InWords(), "small of a (aaaaaaaaaaaa)");
  EXPECT_EQ(releases.Find(0), nullptr) << "numbers begin at 1";
  EXPECT_EQ(releases.Find(3), nullptr);
}

TEST(Releases, TheFirstOneTooManyIsRefused) {
  Releases releases;
  bundle::Release release = SmallReleaseOf('a');
  for (std::uint32_t k = 1; k <= Releases::kMost; ++k) {
    release.id = std::to_string(k);
    EXPECT_EQ(releases.Add(release, "onnxruntime").value(), k);
  }
  EXPECT_EQ(releases.Add(release, "onnxruntime").value(), Releases::kMost) << "the last one again";
  release.id = "one more";
  const auto refused = releases.Add(release, "onnxruntime");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("restart the station"), std::string::npos);
  EXPECT_EQ(releases.size(), Releases::kMost);
}

TEST(Releases, AReaderSeesWholeReleasesWhileTheyAreAdded) {
  Releases releases;
  std::thread reader([&] {
    for (std::uint32_t number = 1; number <= Releases::kMost;) {
      const KnownRelease* known = releases.Find(number);
      if (known == nullptr) continue;
      EXPECT_EQ(known->id, std::to_string(number));
      EXPECT_EQ(known->labels.size(), 2U);
      ++number;
    }
  });
  bundle::Release release = SmallReleaseOf('a');
  for (std::uint32_t k = 1; k <= Releases::kMost; ++k) {
    release.id = std::to_string(k);
    EXPECT_TRUE(releases.Add(release, "onnxruntime"));
  }
  reader.join();
}

}  // namespace
}  // namespace taktgate::record
