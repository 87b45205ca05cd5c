#include "gate/ledger.h"

#include <gtest/gtest.h>

namespace taktgate::gate {
namespace {

using judge::Verdict;

Decision Of(std::uint64_t sequence, bool released = false) {
  Decision decision;
  decision.part = {7, sequence};
  decision.released = released;
  return decision;
}

TEST(Ledger, CountsDecisionsAndPasses) {
  Ledger ledger(4);
  EXPECT_EQ(ledger.count(), 0U);
  EXPECT_EQ(ledger.released(), 0U);
  for (std::uint64_t k = 1; k <= 6; ++k) ledger.Add(Of(k, k == 2 || k == 5));
  EXPECT_EQ(ledger.count(), 6U);
  EXPECT_EQ(ledger.released(), 2U);
}

TEST(Ledger, KeepsTheLastOnes) {
  Ledger ledger(3);
  for (std::uint64_t k = 1; k <= 5; ++k) ledger.Add(Of(k));
  EXPECT_EQ(ledger.Find({7, 2}), nullptr) << "too long ago";
  for (std::uint64_t k = 3; k <= 5; ++k) {
    ASSERT_NE(ledger.Find({7, k}), nullptr);
    EXPECT_EQ(ledger.Find({7, k})->part.sequence, k);
  }
  EXPECT_EQ(ledger.Find({7, 6}), nullptr) << "not decided yet";
  EXPECT_EQ(ledger.Find({6, 4}), nullptr) << "of another boot";
}

TEST(Ledger, APartThatNeverWasIsNotFound) {
  const Ledger ledger(3);
  EXPECT_EQ(ledger.Find({0, 0}), nullptr) << "an empty slot is no part";
  EXPECT_EQ(ledger.Find({7, 1}), nullptr);
}

TEST(Ledger, HasRoomForOneAtLeast) {
  Ledger ledger(0);
  ledger.Add(Of(1));
  EXPECT_NE(ledger.Find({7, 1}), nullptr);
  Ledger one(1);
  one.Add(Of(1));
  one.Add(Of(2));
  EXPECT_EQ(one.Find({7, 1}), nullptr);
}

TEST(Ledger, ALateVerdictAndTheBinsWordStandBesideTheDecision) {
  Ledger ledger(3);
  for (std::uint64_t k = 1; k <= 4; ++k) ledger.Add(Of(k));
  ledger.AddLateVerdict({7, 3}, Verdict::kPass);
  ledger.SetVerified({7, 4}, Verified::kDisagreed);
  EXPECT_TRUE(ledger.Find({7, 3})->has_late_verdict);
  EXPECT_EQ(ledger.Find({7, 3})->late_verdict, Verdict::kPass);
  EXPECT_FALSE(ledger.Find({7, 3})->released);
  EXPECT_EQ(ledger.Find({7, 3})->verified, Verified::kNotChecked);
  EXPECT_FALSE(ledger.Find({7, 4})->has_late_verdict);
  EXPECT_EQ(ledger.Find({7, 4})->verified, Verified::kDisagreed);
}

TEST(Ledger, WhatIsTooLongAgoIsLeftAlone) {
  Ledger ledger(3);
  for (std::uint64_t k = 1; k <= 4; ++k) ledger.Add(Of(k));
  ledger.AddLateVerdict({7, 1}, Verdict::kPass);
  ledger.SetVerified({7, 1}, Verified::kDisagreed);
  EXPECT_FALSE(ledger.Find({7, 4})->has_late_verdict) << "it has the slot of part 1";
  EXPECT_EQ(ledger.Find({7, 4})->verified, Verified::kNotChecked);
}

}  // namespace
}  // namespace taktgate::gate
