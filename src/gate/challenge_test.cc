#include "gate/challenge.h"

#include <gtest/gtest.h>

namespace taktgate::gate {
namespace {

using judge::Reason;
using judge::Verdict;

const TimePoint kNow{std::chrono::seconds(5)};

Decision Unanswered() { return {}; }

Decision Answered(Verdict verdict, Reason reason) {
  Decision decision;
  decision.has_answer = true;
  decision.answer.verdict = verdict;
  decision.answer.reason = reason;
  return decision;
}

Decision Rejected() { return Answered(Verdict::kFail, Reason::kDefect); }

TEST(Challenge, WhereNoneWasNoneIsPassed) {
  const ChallengeResult none;
  EXPECT_EQ(none.asked + none.rejected + none.missed + none.unproven, 0U);
  EXPECT_FALSE(ChallengeResult().passed());
}

TEST(Challenge, AtTheStartNothingRunsAndItBlocksOnlyWhereOneIsWantedFirst) {
  EXPECT_FALSE(Challenge(false).running());
  EXPECT_FALSE(Challenge(false).blocks());
  EXPECT_FALSE(Challenge(true).running());
  EXPECT_TRUE(Challenge(true).blocks());
  EXPECT_FALSE(Challenge(true).result().passed());
}

TEST(Challenge, IsPassedWithTheLastOfItsParts) {
  Challenge challenge(false);
  challenge.Start(2);
  EXPECT_TRUE(challenge.running());
  EXPECT_TRUE(challenge.blocks());
  EXPECT_EQ(challenge.result().asked, 2U);
  EXPECT_FALSE(challenge.OnDecision(Rejected(), kNow));
  EXPECT_TRUE(challenge.running());
  EXPECT_TRUE(challenge.blocks());
  EXPECT_FALSE(challenge.result().passed());
  EXPECT_EQ(challenge.result().ended_at, TimePoint{});
  EXPECT_FALSE(challenge.OnDecision(Answered(Verdict::kUnknown, Reason::kLowConfidence), kNow));
  EXPECT_FALSE(challenge.running());
  EXPECT_FALSE(challenge.blocks());
  EXPECT_TRUE(challenge.result().passed());
  EXPECT_EQ(challenge.result().rejected, 2U);
  EXPECT_EQ(challenge.result().missed, 0U);
  EXPECT_EQ(challenge.result().unproven, 0U);
  EXPECT_EQ(challenge.result().ended_at, kNow);
}

TEST(Challenge, APartThatTheModelLetPassEndsItAndNothingMayPassThen) {
  Challenge challenge(false);
  challenge.Start(3);
  EXPECT_FALSE(challenge.OnDecision(Rejected(), kNow));
  EXPECT_TRUE(challenge.OnDecision(Answered(Verdict::kPass, Reason::kNone), kNow));
  EXPECT_FALSE(challenge.running());
  EXPECT_TRUE(challenge.blocks());
  EXPECT_FALSE(challenge.result().passed());
  EXPECT_EQ(challenge.result().missed, 1U);
  EXPECT_EQ(challenge.result().rejected, 1U);
  EXPECT_EQ(challenge.result().ended_at, kNow);
}

// The very last part may be the one that is missed.
TEST(Challenge, IsNotPassedWithAPartMissedAsTheLastOne) {
  Challenge challenge(false);
  challenge.Start(1);
  EXPECT_TRUE(challenge.OnDecision(Answered(Verdict::kPass, Reason::kNone), kNow));
  EXPECT_FALSE(challenge.result().passed());
}

TEST(Challenge, WhatTheModelSaidNothingAboutProvesNothing) {
  Challenge challenge(false);
  challenge.Start(1);
  EXPECT_FALSE(challenge.OnDecision(Unanswered(), kNow));
  EXPECT_FALSE(challenge.OnDecision(Answered(Verdict::kUnknown, Reason::kModelError), kNow));
  EXPECT_TRUE(challenge.running());
  EXPECT_TRUE(challenge.blocks());
  EXPECT_EQ(challenge.result().unproven, 2U);
  EXPECT_EQ(challenge.result().rejected, 0U);
  EXPECT_FALSE(challenge.OnDecision(Rejected(), kNow));
  EXPECT_TRUE(challenge.result().passed());
}

TEST(Challenge, AfterItsEndDecisionsCountForNothing) {
  Challenge challenge(false);
  challenge.Start(1);
  challenge.OnDecision(Rejected(), kNow);
  EXPECT_FALSE(challenge.OnDecision(Answered(Verdict::kPass, Reason::kNone), kNow));
  EXPECT_FALSE(challenge.OnDecision(Unanswered(), kNow));
  EXPECT_EQ(challenge.result().rejected, 1U);
  EXPECT_EQ(challenge.result().missed, 0U);
  EXPECT_EQ(challenge.result().unproven, 0U);
  EXPECT_FALSE(challenge.blocks());
}

TEST(Challenge, OfNoPartsIsNoneButBlocks) {
  Challenge challenge(false);
  challenge.Start(0);
  EXPECT_FALSE(challenge.running());
  EXPECT_TRUE(challenge.blocks());
  EXPECT_FALSE(challenge.result().passed());
}

TEST(Challenge, ANewOneForgetsTheLastOne) {
  Challenge challenge(false);
  challenge.Start(2);
  challenge.OnDecision(Unanswered(), kNow);
  challenge.OnDecision(Rejected(), kNow);
  challenge.OnDecision(Answered(Verdict::kPass, Reason::kNone), kNow);
  challenge.Start(4);
  EXPECT_EQ(challenge.result().asked, 4U);
  EXPECT_EQ(challenge.result().rejected, 0U);
  EXPECT_EQ(challenge.result().missed, 0U);
  EXPECT_EQ(challenge.result().unproven, 0U);
  EXPECT_EQ(challenge.result().ended_at, TimePoint{});
}

}  // namespace
}  // namespace taktgate::gate
