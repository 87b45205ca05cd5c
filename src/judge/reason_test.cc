#include "judge/reason.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace taktgate::judge {
namespace {

TEST(Reason, HasANameOfItsOwnAndSaysItsCause) {
  std::set<std::string_view> names;
  for (const ReasonInfo& info : kReasonTable) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name << " stands twice";
    EXPECT_TRUE(std::all_of(info.name.begin(), info.name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || c == '_';
    })) << info.name;
    EXPECT_FALSE(info.cause.empty()) << info.name;
    EXPECT_EQ(info.look_at.empty(), info.name == "none") << info.name;
  }
}

// Journals and incidents hold these numbers.
TEST(Reason, KeepsItsNumber) {
  EXPECT_EQ(static_cast<int>(Reason::kNone), 0);
  EXPECT_EQ(static_cast<int>(Reason::kNoFrame), 6);
  EXPECT_EQ(static_cast<int>(Reason::kRestart), 22);
  EXPECT_EQ(ToString(Reason::kNoFrame), "no_frame");
  EXPECT_EQ(ToString(Reason::kRestart), "restart");
  EXPECT_EQ(ToString(static_cast<Reason>(kReasons)), "unknown_reason");
  EXPECT_EQ(ToString(static_cast<Reason>(255)), "unknown_reason");
}

TEST(Blame, OfEveryReason) {
  const std::map<Reason, Blame> other = {{Reason::kNone, Blame::kNothing},
                                         {Reason::kDefect, Blame::kNothing},
                                         {Reason::kLowConfidence, Blame::kNothing},
                                         {Reason::kNotAligned, Blame::kNothing},
                                         {Reason::kLate, Blame::kMiss},
                                         {Reason::kNoSlack, Blame::kMiss},
                                         {Reason::kOffline, Blame::kOutside},
                                         {Reason::kLineStopped, Blame::kOutside},
                                         {Reason::kChallenge, Blame::kOutside},
                                         {Reason::kShutdown, Blame::kOutside},
                                         {Reason::kRestart, Blame::kOutside}};
  for (int number = 0; number <= static_cast<int>(kLastReason); ++number) {
    const auto reason = static_cast<Reason>(number);
    const auto found = other.find(reason);
    EXPECT_EQ(InfoOf(reason).blame, found == other.end() ? Blame::kFault : found->second)
        << ToString(reason);
  }
}

}  // namespace
}  // namespace taktgate::judge
