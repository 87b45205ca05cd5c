#include "line/surroundings.h"

#include <gtest/gtest.h>

namespace taktgate::line {
namespace {

Result<std::shared_ptr<int>> Make(int value) { return std::make_shared<int>(value); }

TEST(SharedThings, AreMadeOnceForEachName) {
  SharedThings shared;
  const auto first = *shared.Get<int>("chip", [] { return Make(1); });
  const auto again = *shared.Get<int>("chip", [] { return Make(2); });
  const auto other = *shared.Get<int>("bus", [] { return Make(3); });
  EXPECT_EQ(first, again);
  EXPECT_EQ(*again, 1);
  EXPECT_EQ(*other, 3);
}

TEST(SharedThings, OfAnotherTypeIsAnotherThing) {
  SharedThings shared;
  (void)shared.Get<int>("chip", [] { return Make(1); });
  const auto text = shared.Get<std::string>("chip", []() -> Result<std::shared_ptr<std::string>> {
    return std::make_shared<std::string>("x");
  });
  EXPECT_EQ(**text, "x");
}

TEST(SharedThings, AnErrorIsNotKept) {
  SharedThings shared;
  const auto failed = shared.Get<int>("chip", []() -> Result<std::shared_ptr<int>> {
    return Error{ErrorCode::kIo, "busy"};
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "busy");
  EXPECT_EQ(**shared.Get<int>("chip", [] { return Make(2); }), 2);
}

TEST(SharedThings, WhoeverHasOneOutlivesTheRest) {
  std::shared_ptr<int> kept;
  {
    SharedThings shared;
    kept = *shared.Get<int>("chip", [] { return Make(1); });
  }
  EXPECT_EQ(*kept, 1);
}

}  // namespace
}  // namespace taktgate::line
