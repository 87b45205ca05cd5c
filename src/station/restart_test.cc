#include "station/restart.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace taktgate::station {
namespace {

using Left = FlightJournal::Left;
using Stage = FlightJournal::Stage;

class RestartTest : public ::testing::Test {
 protected:
  void SetUp() override {
    // Of this test alone: several run at the same time.
    path = std::filesystem::path(::testing::TempDir()) /
           ("restart_test_" + std::to_string(getpid()) + ".jsonl");
    std::filesystem::remove(path);
  }
  void TearDown() override { std::filesystem::remove(path); }
  static FlightJournal::Entry EntryOf(std::uint64_t sequence, Stage stage, bool released,
                                      judge::Reason reason) {
    const TimePoint trigger{std::chrono::milliseconds(10 * sequence)};
    return {{7, sequence}, stage,   released,
            reason,        trigger, trigger + std::chrono::milliseconds(4)};
  }
  std::vector<std::string> Lines(const Left& left) {
    const auto owed = WhatIsOwed(left, path);
    EXPECT_TRUE(owed);
    notice = owed->notice;
    return owed->lines;
  }
  static std::string Line(std::string_view kind, std::string_view part) {
    return R"({"kind":")" + std::string(kind) + R"(","part":")" + std::string(part) + "\"}\n";
  }

  Left crash{Left::Ending::kCrash,
             7,
             "0123456789abcdef",
             {EntryOf(1, Stage::kDecided, true, judge::Reason::kNone),
              EntryOf(2, Stage::kDecided, false, judge::Reason::kLate),
              EntryOf(3, Stage::kPassing, true, judge::Reason::kNone),
              EntryOf(4, Stage::kInFlight, false, judge::Reason::kNone),
              EntryOf(5, Stage::kInFlight, false, judge::Reason::kNone)}};
  std::filesystem::path path;
  std::string notice;
};

// What a line owes is whole to the last byte: auditors and their programs read it.
constexpr char kPassed[] =
    R"({"kind":"decision","part":"7-1","release":"0123456789ab","released":true,"reason":"none",)"
    R"("trigger_ns":10000000,"decided_us":4000.0,"recovered":true})";
constexpr char kLate[] =
    R"({"kind":"decision","part":"7-2","release":"0123456789ab","released":false,"reason":"late",)"
    R"("trigger_ns":20000000,"decided_us":4000.0,"recovered":true})";
constexpr char kMayHavePassed[] =
    R"({"kind":"decision","part":"7-3","release":"0123456789ab","released":false,)"
    R"("reason":"restart","trigger_ns":30000000,"may_have_passed":true,"recovered":true})";
constexpr char kInFlight[] =
    R"({"kind":"decision","part":"7-4","release":"0123456789ab","released":false,)"
    R"("reason":"restart","trigger_ns":40000000,"recovered":true})";

constexpr char kAlsoInFlight[] =
    R"({"kind":"decision","part":"7-5","release":"0123456789ab","released":false,)"
    R"("reason":"restart","trigger_ns":50000000,"recovered":true})";

TEST_F(RestartTest, WithoutARecordFileEveryPartGetsItsLine) {
  EXPECT_EQ(Lines(crash),
            (std::vector<std::string>{kPassed, kLate, kMayHavePassed, kInFlight, kAlsoInFlight}));
  EXPECT_EQ(
      notice,
      "the run before this one (boot 7) did not end by itself: 3 parts in flight are recorded "
      "as restart, 2 decisions that were missing in the record are added");
}

TEST_F(RestartTest, EveryPartWithoutALineGetsOne) {
  std::ofstream(path) << Line("decision", "7-1") << Line("late_verdict", "7-2")
                      << "[\"no object\"]\n"
                      << Line("decision", "7-3")
                      << R"({"kind":"decision","part":"7-)";  // the write that the kill cut off
  EXPECT_EQ(Lines(crash), (std::vector<std::string>{kLate, kInFlight, kAlsoInFlight}));
  EXPECT_EQ(
      notice,
      "the run before this one (boot 7) did not end by itself: 2 parts in flight are recorded "
      "as restart, 1 decisions that were missing in the record are added");
}

TEST_F(RestartTest, OfALongFileTheEndIsRead) {
  std::ofstream file(path);
  for (int k = 0; k < 10; ++k) file << std::string(1 << 20, ' ') << '\n';
  file << Line("decision", "7-1") << Line("decision", "7-2") << Line("decision", "7-3")
       << Line("decision", "7-5");
  file.close();
  EXPECT_EQ(Lines(crash), std::vector<std::string>{kInFlight});
}

#if !defined(__SANITIZE_ADDRESS__)  // which opens files itself to look at an object's type
TEST_F(RestartTest, AFileThatCannotBeReadIsSaid) {
  std::ofstream(path) << Line("decision", "7-1");
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
  close(next);
  rlimit few = before;
  few.rlim_cur = static_cast<rlim_t>(next);
  setrlimit(RLIMIT_NOFILE, &few);
  const auto refused = WhatIsOwed(crash, path);
  setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIo);
  EXPECT_EQ(refused.error().message,
            "record file " + path.string() +
                ": Too many open files; name a readable file in [record] file");
}
#endif

TEST_F(RestartTest, WhatNobodyKnowsIsOneLine) {
  EXPECT_EQ(Lines({Left::Ending::kUnknown, 7, "", {}}),
            std::vector<std::string>{R"({"kind":"restart","boot":7,"in_flight":null})"});
  EXPECT_EQ(
      notice,
      "the run before this one (boot 7) did not end by itself, and which parts were in flight "
      "then is not known; the wire rejected them");
}

TEST_F(RestartTest, ACleanEndOwesNothing) {
  for (const Left::Ending ending : {Left::Ending::kClean, Left::Ending::kNone}) {
    crash.ending = ending;
    EXPECT_TRUE(Lines(crash).empty());
    EXPECT_TRUE(notice.empty());
  }
}

}  // namespace
}  // namespace taktgate::station
