#include "inspect/accuracy.h"

#include <gtest/gtest.h>

namespace taktgate::inspect {
namespace {

using judge::PartVerdict;
using judge::Verdict;

PartVerdict Answer(Verdict verdict, int class_index) {
  PartVerdict answer;
  answer.verdict = verdict;
  answer.class_index = class_index;
  return answer;
}

// Against published tables: 0 of 10, 5 of 10, 1 of 100, 40 of 5,252 (two-sided 95 %).
TEST(ClopperPearson, GivesTheExactInterval) {
  EXPECT_NEAR(ClopperPearson(0, 10).high, 0.30850, 1e-5);
  EXPECT_EQ(ClopperPearson(0, 10).low, 0);
  EXPECT_NEAR(ClopperPearson(5, 10).low, 0.18709, 1e-5);
  EXPECT_NEAR(ClopperPearson(5, 10).high, 0.81291, 1e-5);
  EXPECT_NEAR(ClopperPearson(1, 100).low, 0.000253, 1e-6);
  EXPECT_NEAR(ClopperPearson(1, 100).high, 0.054459, 1e-6);
  EXPECT_NEAR(ClopperPearson(10, 10).low, 0.69150, 1e-5);
  EXPECT_EQ(ClopperPearson(10, 10).high, 1);
  EXPECT_NEAR(ClopperPearson(9, 10).high, 0.99747, 1e-5);
  EXPECT_NEAR(ClopperPearson(0, 1).high, 0.97500, 1e-5);
}

// The floor of 99.2 % is proved by 785 parts with 2 errors at one-sided 95 %, and not by 784.
TEST(ClopperPearson, KnowsHowManyPartsProveAFloor) {
  EXPECT_GE(ClopperPearson(783, 785, 0.90).low, 0.992);
  EXPECT_LT(ClopperPearson(781, 783, 0.90).low, 0.992);
}

TEST(ClopperPearson, OfNothingIsEverything) {
  EXPECT_EQ(ClopperPearson(0, 0).low, 0);
  EXPECT_EQ(ClopperPearson(0, 0).high, 1);
}

TEST(Accuracy, CountsByVerdictAndByClass) {
  Accuracy accuracy({{"good", true}, {"open", false}, {"short", false}});
  accuracy.Add(0, Answer(Verdict::kPass, 0));
  accuracy.Add(0, Answer(Verdict::kUnknown, 0));  // good, but not released
  accuracy.Add(1, Answer(Verdict::kFail, 2));     // the wrong defect is still a reject
  accuracy.Add(2, Answer(Verdict::kPass, 0));     // missed
  accuracy.Add(2, Answer(Verdict::kUnknown, -1));
  accuracy.Add(2, Answer(Verdict::kFail, 2));
  accuracy.Add(0, Answer(Verdict::kPass, 0));
  accuracy.Add(0, Answer(Verdict::kPass, 0));
  EXPECT_TRUE(accuracy.binary());
  EXPECT_EQ(accuracy.labelled(), 8U);
  EXPECT_EQ(accuracy.right_class(), 5U);
  EXPECT_EQ(accuracy.false_rejects(), 1U);
  EXPECT_EQ(accuracy.missed(), 1U);
  EXPECT_EQ(accuracy.good(), 4U);
  EXPECT_EQ(accuracy.confusion()[1][2], 1U);
}

TEST(Accuracy, WithoutAPassingClassThereIsNoGoodAndBad) {
  const Accuracy accuracy({{"a", false}, {"b", false}});
  EXPECT_FALSE(accuracy.binary());
}

}  // namespace
}  // namespace taktgate::inspect
