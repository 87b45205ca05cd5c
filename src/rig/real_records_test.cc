#include "rig/real_records.h"

#include <gtest/gtest.h>

#include "base/test_tree.h"

namespace taktgate::rig {
namespace {

// A decision about part `part`, with more keys.
std::string Decision(const std::string& part, const std::string& more = "") {
  return R"({"kind":"decision","part":")" + part +
         R"(","released":false,"reason":"late","trigger_ns":5000)" + more + "}\n";
}

TEST(RecordedLine, OfAnEmptyFileHasNothing) {
  const auto all = ParseRecords("");
  ASSERT_TRUE(all);
  EXPECT_TRUE(all->parts.empty());
  EXPECT_EQ(all->alarms + all->orders.size() + all->verified + all->passes_cut_short, 0U);
}

TEST(RecordedLine, CountsWhatIsNoDecision) {
  const auto all = ParseRecords(
      "{\"kind\":\"alarm\"}\n{\"kind\":\"alarm\"}\n"
      "{\"kind\":\"verified\"}\n{\"kind\":\"pass_cut_short\"}\n{\"kind\":\"alarm\"}");
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->alarms, 3U);
  EXPECT_EQ(all->verified, 1U);
  EXPECT_EQ(all->passes_cut_short, 1U);
  EXPECT_EQ(all->unknown_restarts, 0U);
}

TEST(RecordedLine, AnOrderNamesTheReleaseInForceAfterIt) {
  const auto all = ParseRecords(
      R"({"kind":"order","order":"release","name":"linesim","part":"2-17","release":"ab","at_ns":9})");
  ASSERT_TRUE(all) << all.error().message;
  ASSERT_EQ(all->orders.size(), 1U);
  const OrderRecord& order = all->orders[0];
  EXPECT_EQ(order.boot, 2U);
  EXPECT_EQ(order.order, "release");
  EXPECT_EQ(order.release, "ab");
  EXPECT_EQ(order.at, TimePoint(Duration(9)));
  EXPECT_FALSE(ParseRecords(R"({"kind":"order","order":"release","part":"2-17","release":"ab"})"));
}

TEST(RecordedLine, APartNamesItsRelease) {
  EXPECT_EQ(ParseRecords(Decision("1-2", R"(,"release":"ab")"))->parts.at(0).release, "ab");
}

TEST(RecordedLine, APartWithoutAnAnswerHasNone) {
  const auto all = ParseRecords(Decision("1-2"));
  ASSERT_TRUE(all) << all.error().message;
  const PartRecord& part = all->parts.at(0);
  EXPECT_EQ(part.reason, "late");
  EXPECT_EQ(part.trigger_at, TimePoint(Duration(5000)));
  EXPECT_FALSE(part.answered || part.has_frame || part.recovered || part.may_have_passed);
  EXPECT_EQ(part.decided, Duration(0));
}

TEST(RecordedLine, TimesAreRoundedToTheNanosecondThatTheyWere) {
  const auto all = ParseRecords(Decision("1-2", R"(,"decided_us":0.3,"issued_us":8000.001)"));
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->parts.at(0).decided, Duration(300)) << "0.3 * 1000 is less than 300 in binary";
  EXPECT_EQ(all->parts.at(0).issued, Duration(8'000'001));
}

TEST(RecordedLine, AnIdIsTwoWholeNumbers) {
  EXPECT_TRUE(ParseRecords(Decision("4294967295-18446744073709551615")));
  for (const char* part : {"", "1", "1-", "-2", "1-2-3", "a-2", "1-b", "1.5-2", "4294967296-1",
                           "1-18446744073709551616", "1 -2", "+1-2"}) {
    EXPECT_FALSE(ParseRecords(Decision(part))) << part;
  }
}

TEST(RecordedLine, AValueOfAnotherKindIsNoRecord) {
  for (const char* line :
       {R"({"kind":7})", R"({"kind":"decision","part":3,"released":false})",
        R"({"kind":"decision","part":"1-2","released":"no","reason":"late","trigger_ns":1})",
        R"({"kind":"late_verdict","part":"1-2"})", "7", "\"decision\"", " "}) {
    const auto all = ParseRecords(line);
    ASSERT_FALSE(all) << line;
    EXPECT_EQ(all.error().code, ErrorCode::kCorrupt);
  }
}

// As a power cut leaves the end of a file.
TEST(RecordedLine, ALineThatWasCutIsNamedAndShownInShort) {
  const auto all = ParseRecords(Decision("1-1") + Decision("1-2") + R"({"kind":"decision",)" +
                                std::string(5'000, 'x'));
  ASSERT_FALSE(all);
  EXPECT_NE(all.error().message.find("line 3"), std::string::npos) << all.error().message;
  EXPECT_LT(all.error().message.size(), 200U);
}

TEST(RecordedLine, AFileIsNamed) {
  taktgate::testing::Tree tree;
  tree.Write("records.jsonl", Decision("1-1") + "no record");
  const auto broken = ReadRecords(tree.root() / "records.jsonl");
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().message.find("records.jsonl: line 2"), std::string::npos);
  const auto none = ReadRecords(tree.root() / "none.jsonl");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace taktgate::rig
