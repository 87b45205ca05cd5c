#include "judge/judge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace taktgate::judge {
namespace {

using bundle::Label;
using bundle::Thresholds;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kMax = std::numeric_limits<float>::max();
constexpr float kDenormal = std::numeric_limits<float>::denorm_min();

const std::vector<Label> kGoodOpenShort = {{"good", true}, {"open", false}, {"short", false}};

double Logit(double p) { return std::log(p / (1.0 - p)); }

// Any float there is: most are ordinary logits, some are the awkward ones.
float AnyFloat(std::mt19937& random) {
  static const std::vector<float> kOdd = {0.0f,  -0.0f,     kInf,       -kInf, kNan,   kMax,
                                          -kMax, kDenormal, -kDenormal, 88.8f, -745.2f};
  if (random() % 4 == 0) return kOdd[random() % kOdd.size()];
  if (random() % 8 == 0) return std::bit_cast<float>(static_cast<std::uint32_t>(random()));
  return std::normal_distribution<float>(0.0f, 8.0f)(random);
}

std::vector<Label> AnyLabels(std::mt19937& random) {
  std::vector<Label> labels(2 + random() % 63);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    labels[i] = {"c" + std::to_string(i), random() % 3 == 0};
  }
  return labels;
}

Thresholds AnyThresholds(std::mt19937& random) {
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  const double a = uniform(random);
  const double b = random() % 3 == 0 ? a : uniform(random);
  return {std::min(a, b), std::max(a, b)};
}

TEST(JudgeTest, CertainGoodPassesAndCertainDefectFails) {
  const Judge sut(kGoodOpenShort, {0.5, 0.5});
  const WindowVerdict good = sut.JudgeWindow(std::vector<float>{9, 0, 0});
  EXPECT_EQ(good.verdict, Verdict::kPass);
  EXPECT_EQ(good.reason, Reason::kNone);
  EXPECT_EQ(good.class_index, 0);
  EXPECT_NEAR(good.defect_score, 2 / (2 + std::exp(9.0)), 1e-15);

  const WindowVerdict bad = sut.JudgeWindow(std::vector<float>{0, 1, 9});
  EXPECT_EQ(bad.verdict, Verdict::kFail);
  EXPECT_EQ(bad.reason, Reason::kDefect);
  EXPECT_EQ(bad.class_index, 2);
}

TEST(JudgeTest, TheScoreDecidesNotTheLargestClass) {
  // good is the largest class, but the two defects together are more likely.
  const Judge sut(kGoodOpenShort, {0.5, 0.5});
  const WindowVerdict window = sut.JudgeWindow(std::vector<float>{1.0f, 0.8f, 0.8f});
  EXPECT_EQ(window.class_index, 0);
  EXPECT_EQ(window.verdict, Verdict::kFail);
}

TEST(JudgeTest, BandBetweenTheThresholdsIsUnknown) {
  const Judge sut({{"good", true}, {"bad", false}}, {0.2, 0.8});
  const auto judge = [&](double score) {
    return sut.JudgeWindow(std::vector<float>{0.0f, static_cast<float>(Logit(score))});
  };
  EXPECT_EQ(judge(0.19).verdict, Verdict::kPass);
  EXPECT_EQ(judge(0.21).verdict, Verdict::kUnknown);
  EXPECT_EQ(judge(0.5).reason, Reason::kLowConfidence);
  EXPECT_EQ(judge(0.79).verdict, Verdict::kUnknown);
  EXPECT_EQ(judge(0.81).verdict, Verdict::kFail);
}

TEST(JudgeTest, TiesAreDecidedForFail) {
  const std::vector<Label> labels = {{"good", true}, {"bad", false}};
  const std::vector<float> equal = {3.0f, 3.0f};  // the score is exactly one half
  const WindowVerdict tie = Judge(labels, {0.5, 0.5}).JudgeWindow(equal);
  EXPECT_EQ(tie.defect_score, 0.5);
  EXPECT_EQ(tie.verdict, Verdict::kFail);
  EXPECT_EQ(tie.class_index, 0);  // the first of the largest
  EXPECT_EQ(Judge(labels, {0.5, 0.6}).JudgeWindow(equal).verdict, Verdict::kPass);
  EXPECT_EQ(Judge(labels, {0.4, 0.5}).JudgeWindow(equal).verdict, Verdict::kFail);
  EXPECT_EQ(Judge(labels, {0.0, 0.0}).JudgeWindow(std::vector<float>{kMax, 0}).verdict,
            Verdict::kFail);
}

TEST(JudgeTest, WithoutPassingLabelTheScoreIsOneAndNothingPasses) {
  const Judge sut({{"a", false}, {"b", false}}, {1.0, 1.0});
  const WindowVerdict window = sut.JudgeWindow(std::vector<float>{1, 2});
  EXPECT_EQ(window.defect_score, 1.0);
  EXPECT_EQ(window.class_index, 1);
  EXPECT_EQ(window.verdict, Verdict::kFail);
}

TEST(JudgeTest, WhereAllLabelsPassTheScoreIsZero) {
  const Judge sut({{"a", true}, {"b", true}}, {0.5, 0.5});
  const WindowVerdict window = sut.JudgeWindow(std::vector<float>{1, 2});
  EXPECT_EQ(window.defect_score, 0.0);
  EXPECT_EQ(window.verdict, Verdict::kPass);
}

TEST(JudgeTest, NonFiniteLogitsAreUnknown) {
  const Judge sut(kGoodOpenShort, {0.5, 0.5});
  for (const float odd : {kNan, kInf, -kInf}) {
    for (std::size_t place = 0; place < 3; ++place) {
      std::vector<float> logits = {50, 0, 0};
      logits[place] = odd;
      const WindowVerdict window = sut.JudgeWindow(logits);
      EXPECT_EQ(window.verdict, Verdict::kUnknown);
      EXPECT_EQ(window.reason, Reason::kModelError);
      EXPECT_EQ(window.class_index, -1);
      EXPECT_EQ(window.defect_score, 1.0);
    }
  }
}

TEST(JudgeTest, WrongNumberOfLogitsIsUnknown) {
  const Judge sut(kGoodOpenShort, {0.5, 0.5});
  EXPECT_EQ(sut.JudgeWindow({}).verdict, Verdict::kUnknown);
  EXPECT_EQ(sut.JudgeWindow(std::vector<float>{9, 0}).verdict, Verdict::kUnknown);
  EXPECT_EQ(sut.JudgeWindow(std::vector<float>{9, 0, 0, 0}).verdict, Verdict::kUnknown);
  EXPECT_EQ(Judge({}, {0.5, 0.5}).JudgeWindow({}).reason, Reason::kModelError);
}

TEST(JudgeTest, HugeLogitsNeitherOverflowNorLoseTheAnswer) {
  const Judge sut(kGoodOpenShort, {0.5, 0.5});
  EXPECT_EQ(sut.JudgeWindow(std::vector<float>{kMax, -kMax, -kMax}).defect_score, 0.0);
  EXPECT_EQ(sut.JudgeWindow(std::vector<float>{-kMax, kMax, -kMax}).defect_score, 1.0);
  EXPECT_EQ(sut.JudgeWindow(std::vector<float>{kMax, kMax, -kMax}).defect_score, 0.5);
  EXPECT_EQ(sut.JudgeWindow(std::vector<float>{kDenormal, 0, -kMax}).defect_score, 0.5);
}

// Any logits, labels and thresholds: a score in [0, 1], and the verdict that the page's words give.
TEST(JudgePropertyTest, AnyLogitsGiveAnAnswerThatFitsItsScore) {
  std::mt19937 random(1);
  int finite_windows = 0;
  for (int round = 0; round < 20000; ++round) {
    const std::vector<Label> labels = AnyLabels(random);
    const Thresholds thresholds = AnyThresholds(random);
    std::vector<float> logits(labels.size());
    const bool tame = random() % 2 == 0;
    for (float& logit : logits) {
      logit = tame ? std::normal_distribution<float>(0, 8)(random) : AnyFloat(random);
    }
    const WindowVerdict window = Judge(labels, thresholds).JudgeWindow(logits);

    const bool finite =
        std::all_of(logits.begin(), logits.end(), [](float v) { return std::isfinite(v); });
    if (!finite) {
      ASSERT_EQ(window.verdict, Verdict::kUnknown);
      continue;
    }
    ++finite_windows;
    ASSERT_GE(window.defect_score, 0.0);
    ASSERT_LE(window.defect_score, 1.0);
    const auto index = static_cast<std::size_t>(window.class_index);
    for (std::size_t i = 0; i < logits.size(); ++i) {
      ASSERT_TRUE(i < index ? logits[i] < logits[index] : logits[i] <= logits[index]);
    }
    Verdict expected = Verdict::kUnknown;
    if (window.defect_score >= thresholds.fail_at_least) {
      expected = Verdict::kFail;
    } else if (window.defect_score <= thresholds.pass_at_most) {
      expected = Verdict::kPass;
    }
    ASSERT_EQ(window.verdict, expected);
  }
  EXPECT_GT(finite_windows, 5000);
}

// Against the plain formula in long double.
TEST(JudgePropertyTest, ScoreIsOneMinusThePassingProbability) {
  std::mt19937 random(2);
  for (int round = 0; round < 5000; ++round) {
    const std::vector<Label> labels = AnyLabels(random);
    std::vector<float> logits(labels.size());
    for (float& logit : logits) logit = std::normal_distribution<float>(0, 6)(random);
    long double all = 0;
    long double passing = 0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      const long double weight = std::exp(static_cast<long double>(logits[i]));
      all += weight;
      if (labels[i].pass) passing += weight;
    }
    const double expected = static_cast<double>(1.0L - passing / all);
    ASSERT_NEAR(Judge(labels, {0.5, 0.5}).JudgeWindow(logits).defect_score, expected, 1e-13);
  }
}

TEST(JudgePropertyTest, RaisingAPassingLogitNeverRaisesTheScore) {
  std::mt19937 random(3);
  for (int round = 0; round < 20000; ++round) {
    std::vector<Label> labels = AnyLabels(random);
    const std::size_t good = random() % labels.size();
    labels[good].pass = true;
    const Judge sut(labels, {0.5, 0.5});
    std::vector<float> logits(labels.size());
    for (float& logit : logits) {
      do logit = AnyFloat(random);
      while (!std::isfinite(logit));
    }
    const double before = sut.JudgeWindow(logits).defect_score;
    const float old = logits[good];
    // By the smallest step there is, or by any other.
    const float raised =
        random() % 2 == 0 ? std::nextafter(old, kInf) : std::max(old, AnyFloat(random));
    if (!std::isfinite(raised)) continue;
    logits[good] = raised;
    ASSERT_LE(sut.JudgeWindow(logits).defect_score, before) << old << " -> " << raised;
  }
}

// Relative to the largest logit of all, the smallest step up of the passing one would raise this
// score by its last bit.
TEST(JudgeTest, TheScoreIsRelativeToTheLargestFailingLogit) {
  const Judge sut(kGoodOpenShort, {0.5, 0.5});
  const auto score = [&](float good) {
    return sut.JudgeWindow(std::vector<float>{good, -0.008270157501101494F, -0.936819314956665F})
        .defect_score;
  };
  const float good = 3.2926428e-09F;
  EXPECT_LE(score(std::nextafter(good, kInf)), score(good));
}

TEST(WorstOfTest, NoWindowIsUnknown) {
  const PartVerdict part = Judge::WorstOf({});
  EXPECT_EQ(part.verdict, Verdict::kUnknown);
  EXPECT_EQ(part.reason, Reason::kModelError);
  EXPECT_EQ(part.class_index, -1);
  EXPECT_EQ(part.defect_score, 1.0);
  EXPECT_EQ(part.worst_window, -1);
}

TEST(WorstOfTest, FailOverUnknownOverPassThenHigherScoreThenEarlier) {
  const WindowVerdict pass{Verdict::kPass, Reason::kNone, 0, 0.9};
  const WindowVerdict unknown{Verdict::kUnknown, Reason::kLowConfidence, 1, 0.5};
  const WindowVerdict unknown_higher{Verdict::kUnknown, Reason::kModelError, -1, 1.0};
  const WindowVerdict fail{Verdict::kFail, Reason::kDefect, 2, 0.1};

  EXPECT_EQ(Judge::WorstOf(std::vector{pass, unknown, fail}).worst_window, 2);
  EXPECT_EQ(Judge::WorstOf(std::vector{pass, unknown, unknown_higher}).worst_window, 2);
  EXPECT_EQ(Judge::WorstOf(std::vector{pass, fail, fail}).worst_window, 1);
  const PartVerdict part = Judge::WorstOf(std::vector{pass, unknown_higher, unknown});
  EXPECT_EQ(part.verdict, Verdict::kUnknown);
  EXPECT_EQ(part.reason, Reason::kModelError);
  EXPECT_EQ(part.class_index, -1);
  EXPECT_EQ(part.defect_score, 1.0);
}

// One bad window among 64 must never be outvoted, wherever it stands.
TEST(WorstOfPropertyTest, OrderOfWindowsDoesNotChangeThePart) {
  std::mt19937 random(4);
  for (std::size_t count = 1; count <= 64; ++count) {
    for (int round = 0; round < 50; ++round) {
      const std::vector<Label> labels = AnyLabels(random);
      const Judge sut(labels, AnyThresholds(random));
      std::vector<WindowVerdict> windows(count);
      for (WindowVerdict& window : windows) {
        std::vector<float> logits(labels.size());
        for (float& logit : logits) logit = std::normal_distribution<float>(0, 4)(random);
        if (random() % 200 == 0) logits[0] = kNan;
        window = sut.JudgeWindow(logits);
      }
      const PartVerdict before = Judge::WorstOf(windows);
      std::shuffle(windows.begin(), windows.end(), random);
      const PartVerdict after = Judge::WorstOf(windows);
      ASSERT_EQ(after.verdict, before.verdict);
      ASSERT_EQ(after.defect_score, before.defect_score);
      ASSERT_EQ(after.reason, before.reason);
      const bool all_pass = std::all_of(windows.begin(), windows.end(), [](const auto& window) {
        return window.verdict == Verdict::kPass;
      });
      ASSERT_EQ(after.verdict == Verdict::kPass, all_pass);
    }
  }
}

TEST(VerdictTest, EveryVerdictAndReasonHasItsOwnName) {
  EXPECT_EQ(ToString(Verdict::kPass), "pass");
  EXPECT_EQ(ToString(Verdict::kFail), "fail");
  EXPECT_EQ(ToString(Verdict::kUnknown), "unknown");
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Reason::kRestart); ++i) {
    names.insert(ToString(static_cast<Reason>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(Reason::kRestart) + 1);
  EXPECT_EQ(ToString(Reason::kLowConfidence), "low_confidence");
  EXPECT_EQ(ToString(Reason::kRestart), "restart");
}

}  // namespace
}  // namespace taktgate::judge
