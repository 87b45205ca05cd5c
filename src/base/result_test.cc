#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace taktgate {
namespace {

TEST(Result, HoldsAValueOrAnError) {
  Result<int> good = 7;
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, 7);
  Result<int> bad = Error{ErrorCode::kCorrupt, "size 0"};
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, ErrorCode::kCorrupt);
}

TEST(Result, AddsContextOnTheWayUpAndLeavesValuesAlone) {
  Result<int> bad = Error{ErrorCode::kIo, "size 0"};
  EXPECT_EQ(std::move(bad).Within("read manifest").Within("activate a1b2").error().message,
            "activate a1b2: read manifest: size 0");
  Result<std::unique_ptr<int>> good = std::make_unique<int>(3);
  EXPECT_EQ(*std::move(good).Within("unused").value(), 3);
  EXPECT_TRUE(Status().Within("unused"));
}

TEST(Result, OfInvalidInputSaysWhatAndWhere) {
  EXPECT_EQ(Invalid("size 0").code, ErrorCode::kInvalid);
  EXPECT_EQ(Invalid("size 0").message, "size 0");
  EXPECT_EQ(Invalid("list.tsv:2", "size 0").code, ErrorCode::kInvalid);
  EXPECT_EQ(Invalid("list.tsv:2", "size 0").message, "list.tsv:2: size 0");
}

TEST(ResultDeathTest, ReadingTheMissingSideAborts) {
  Result<int> bad = Error{};
  EXPECT_DEATH((void)*bad, "");
  Result<int> good = 1;
  EXPECT_DEATH((void)good.error(), "");
}

TEST(ErrorCode, HasAWordForEach) {
  EXPECT_EQ(ToString(ErrorCode::kNotFound), "not_found");
  EXPECT_EQ(ToString(ErrorCode::kInternal), "internal");
}

}  // namespace
}  // namespace taktgate
