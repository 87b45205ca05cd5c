#include "control/orders.h"

#include <gtest/gtest.h>

namespace taktgate::control {
namespace {

using Kind = Order::Kind;

TEST(Order, IsCalledAsOnTheCommandLine) {
  EXPECT_EQ(ToString(Kind::kLook), "status");
  EXPECT_EQ(ToString(Kind::kAcknowledge), "ack");
  EXPECT_EQ(ToString(Kind::kStart), "start");
  EXPECT_EQ(ToString(Kind::kStop), "stop");
  EXPECT_EQ(ToString(Kind::kChallenge), "challenge");
}

TEST(Order, IsALookWhereNothingElseIsSaid) {
  EXPECT_EQ(Order().kind, Kind::kLook);
  EXPECT_EQ(Order().parts, 0U);
  EXPECT_FALSE(OrderAnswer().taken);
}

TEST(OrderAnswer, SaysNothingOfAReleaseBeforeItIsGiven) {
  const OrderAnswer answer;
  EXPECT_EQ(answer.release, 0U) << "the number of none";
  EXPECT_EQ(answer.cut_off, 0U);
  EXPECT_FALSE(answer.taken);
}

}  // namespace
}  // namespace taktgate::control
