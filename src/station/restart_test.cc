#include "station/restart.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/json_text.h"

namespace taktgate::station {
namespace {

using Left = FlightJournal::Left;
using Stage = FlightJournal::Stage;

class RestartTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path = std::filesystem::path(::testing::TempDir()) / "restart_test.jsonl";
    std::filesystem::remove(path);
  }
  void TearDown() override { std::filesystem::remove(path); }
  static FlightJournal::Entry EntryOf(std::uint64_t sequence, Stage stage, bool released,
                                      judge::Reason reason) {
    const TimePoint trigger{std::chrono::milliseconds(10 * sequence)};
    return {{7, sequence}, stage,   released,
            reason,        trigger, trigger + std::chrono::milliseconds(4)};
  }
  std::vector<nlohmann::ordered_json> Lines(const Left& left) {
    const auto owed = WhatIsOwed(left, path);
    EXPECT_TRUE(owed);
    notice = owed->notice;
    std::vector<nlohmann::ordered_json> lines;
    for (const std::string& line : owed->lines) lines.push_back(LooseJson(line));
    return lines;
  }

  Left crash{Left::Ending::kCrash,
             7,
             "0123456789abcdef",
             {EntryOf(1, Stage::kDecided, true, judge::Reason::kNone),
              EntryOf(2, Stage::kDecided, false, judge::Reason::kLate),
              EntryOf(3, Stage::kPassing, false, judge::Reason::kNone),
              EntryOf(4, Stage::kInFlight, false, judge::Reason::kNone)}};
  std::filesystem::path path;
  std::string notice;
};

TEST_F(RestartTest, EveryPartWithoutALineGetsOne) {
  std::ofstream(path) << R"({"kind":"decision","part":"7-1"})"
                      << "\n"
                      << R"({"kind":"late_verdict","part":"7-2"})"
                      << "\n"
                      << R"({"kind":"decision","part":"7-3"})"
                      << "\n"
                      << R"({"kind":"decision","part":"7-)";  // the write that the kill cut off
  const auto lines = Lines(crash);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0]["part"], "7-2");
  EXPECT_EQ(lines[0]["reason"], "late");
  EXPECT_EQ(lines[0]["decided_us"], 4000.0);
  EXPECT_EQ(lines[1]["part"], "7-4");
  EXPECT_EQ(lines[1]["reason"], "restart");
  EXPECT_EQ(lines[1]["released"], false);
  EXPECT_EQ(lines[1]["release"], "0123456789ab");
  EXPECT_EQ(lines[1]["trigger_ns"], 40'000'000);
  EXPECT_FALSE(lines[1].contains("decided_us"));
  EXPECT_NE(notice.find("1 parts in flight"), std::string::npos) << notice;
}

TEST_F(RestartTest, APartThatMayHavePassedIsNotCalledAPass) {
  const auto lines = Lines(crash);
  ASSERT_EQ(lines.size(), 4U) << "there is no file yet";
  EXPECT_EQ(lines[0]["released"], true);
  EXPECT_EQ(lines[2]["released"], false);
  EXPECT_EQ(lines[2]["reason"], "restart");
  EXPECT_EQ(lines[2]["may_have_passed"], true);
  EXPECT_FALSE(lines[3].contains("may_have_passed"));
}

TEST_F(RestartTest, WhatNobodyKnowsIsOneLine) {
  const auto lines = Lines({Left::Ending::kUnknown, 7, "", {}});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0]["kind"], "restart");
  EXPECT_EQ(lines[0]["boot"], 7);
  EXPECT_NE(notice.find("not known"), std::string::npos);
}

TEST_F(RestartTest, ACleanEndOwesNothing) {
  EXPECT_TRUE(Lines({Left::Ending::kClean, 7, "", {}}).empty());
  EXPECT_TRUE(Lines({Left::Ending::kNone, 0, "", {}}).empty());
  EXPECT_TRUE(notice.empty());
}

}  // namespace
}  // namespace taktgate::station
