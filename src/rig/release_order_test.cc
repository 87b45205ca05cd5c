#include "rig/release_order.h"

#include <gtest/gtest.h>

#include "base/test_tree.h"
#include "control/socket.h"

namespace taktgate::rig {
namespace {

// What a station says to an order, instead of a station.
class ReleaseOrderTest : public ::testing::Test {
 protected:
  Result<std::uint64_t> Said(const std::string& answer) {
    auto socket = control::ControlSocket::Create(tree.root(), [&](std::string_view line) {
      asked = line;
      return answer;
    });
    EXPECT_TRUE(socket);
    return OrderRelease(tree.root(), "/there/two.tgb");
  }

  taktgate::testing::Tree tree;
  std::string asked;
};

TEST_F(ReleaseOrderTest, IsGivenAsAPersonGivesIt) {
  const auto cut_off = Said(R"({"taken":true,"release":"x 2","cut_off":3})");
  ASSERT_TRUE(cut_off) << cut_off.error().message;
  EXPECT_EQ(*cut_off, 3U);
  EXPECT_EQ(asked, R"({"order":"release","name":"linesim","bundle":"/there/two.tgb"})");
}

TEST_F(ReleaseOrderTest, ARefusalSaysWhy) {
  const auto refused = Said(R"({"taken":false,"error":"a challenge is under way"})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "a challenge is under way");
}

TEST_F(ReleaseOrderTest, AnAnswerToSomethingElseIsShown) {
  for (const char* answer :
       {"what?", "[]", R"({"taken":true})", R"({"taken":true,"cut_off":"0"})"}) {
    const auto odd = Said(answer);
    ASSERT_FALSE(odd) << answer;
    EXPECT_EQ(odd.error().message,
              std::string("expected the answer to an order `release`, got ") + answer);
  }
}

TEST_F(ReleaseOrderTest, NeedsAStation) {
  const auto nobody = OrderRelease(tree.root(), "/there/two.tgb");
  ASSERT_FALSE(nobody);
  EXPECT_NE(nobody.error().message.find("no station runs"), std::string::npos);
}

}  // namespace
}  // namespace taktgate::rig
