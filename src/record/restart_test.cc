#include "record/restart.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/test_tree.h"

namespace taktgate::record {
namespace {

using Left = FlightJournal::Left;
using Stage = FlightJournal::Stage;

class RestartTest : public ::testing::Test {
 protected:
  static FlightJournal::Entry EntryOf(std::uint64_t sequence, Stage stage, bool released,
                                      judge::Reason reason) {
    const TimePoint trigger{std::chrono::milliseconds(10 * sequence)};
    // The release was changed before part 4.
    return {{7, sequence},
            stage,
            released,
            reason,
            trigger,
            trigger + std::chrono::milliseconds(4),
            sequence < 4 ? "0123456789abcdef" : "fedcba9876543210"};
  }
  static FilePlace PlaceIn(const std::filesystem::path& file, std::uint64_t offset = 0) {
    struct stat info {};
    EXPECT_EQ(stat(file.c_str(), &info), 0);
    return {info.st_dev, info.st_ino, offset};
  }
  std::vector<std::string> Lines(const Left& left) {
    const auto missing = FindMissingRecords(left, path);
    EXPECT_TRUE(missing);
    std::vector<std::string> lines;
    if (!missing) return lines;
    notice = missing->notice;
    known = missing->known;
    for (const MissingRecords::Line& line : missing->lines) {
      EXPECT_NE(line.text.find("\"" + NameOf(line.part) + "\""), std::string::npos);
      lines.push_back(line.text);
    }
    return lines;
  }
  static std::string Line(std::string_view kind, std::string_view part) {
    return R"({"kind":")" + std::string(kind) + R"(","part":")" + std::string(part) + "\"}\n";
  }

  Left crash{7,
             {EntryOf(1, Stage::kDecided, true, judge::Reason::kNone),
              EntryOf(2, Stage::kDecided, false, judge::Reason::kLate),
              EntryOf(3, Stage::kPassing, true, judge::Reason::kNone),
              EntryOf(4, Stage::kInFlight, false, judge::Reason::kNone),
              EntryOf(5, Stage::kInFlight, false, judge::Reason::kNone)},
             {}};
  taktgate::testing::Tree tree;
  std::filesystem::path path = tree.root() / "records.jsonl";
  std::string notice;
  std::vector<gate::PartId> known;
};

// An added line is right to the last byte: auditors and their programs read it.
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
    R"({"kind":"decision","part":"7-4","release":"fedcba987654","released":false,)"
    R"("reason":"restart","trigger_ns":40000000,"recovered":true})";

constexpr char kAlsoInFlight[] =
    R"({"kind":"decision","part":"7-5","release":"fedcba987654","released":false,)"
    R"("reason":"restart","trigger_ns":50000000,"recovered":true})";

TEST_F(RestartTest, WithoutARecordFileEveryPartGetsItsLine) {
  EXPECT_EQ(Lines(crash),
            (std::vector<std::string>{kPassed, kLate, kMayHavePassed, kInFlight, kAlsoInFlight}));
  EXPECT_EQ(
      notice,
      "an earlier run (boot 7) did not end with all its records: 3 parts in flight are recorded "
      "as restart, 2 decisions that were missing in the record are added");
}

TEST_F(RestartTest, WhatStandsWhereTheLastLinesWereWrittenIsNotMissing) {
  std::ofstream(path) << Line("decision", "7-2") << Line("decision", "7-1")
                      << Line("late_verdict", "7-4") << "[\"no object\"]\n"
                      << R"({"kind":null,"part":7})"
                      << "\n{\"kind\":\"decision\"}\nno JSON\n"
                      << Line("decision", "7-3")
                      << R"({"kind":"decision","part":"7-5"})";  // no newline: the kill cut it off
  crash.last_lines = PlaceIn(path, Line("decision", "7-2").size());
  EXPECT_EQ(Lines(crash), (std::vector<std::string>{kLate, kInFlight, kAlsoInFlight}));
  EXPECT_EQ(known, (std::vector<gate::PartId>{{7, 1}, {7, 3}}));
  EXPECT_EQ(
      notice,
      "an earlier run (boot 7) did not end with all its records: 2 parts in flight are recorded "
      "as restart, 1 decisions that were missing in the record are added");
}

TEST_F(RestartTest, TheFileIsFoundWhateverItIsCalled) {
  std::ofstream(path) << Line("decision", "7-1");
  crash.last_lines = PlaceIn(path);
  std::filesystem::rename(path, tree.root() / "records.jsonl-20260501");
  std::ofstream(path) << Line("decision", "7-2");
  EXPECT_EQ(Lines(crash),
            (std::vector<std::string>{kLate, kMayHavePassed, kInFlight, kAlsoInFlight}));
  std::filesystem::remove(tree.root() / "records.jsonl-20260501");
  EXPECT_EQ(Lines(crash).size(), 5U) << "removed, with all that was in it";
}

// An inode number says nothing without its disk, nor that it is a file.
TEST_F(RestartTest, AnotherFileIsNotReadInItsPlace) {
  std::ofstream(path) << Line("decision", "7-1");
  crash.last_lines = PlaceIn(path);
  ++crash.last_lines.device;
  EXPECT_EQ(Lines(crash).size(), 5U);
  std::filesystem::remove(path);
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  crash.last_lines = PlaceIn(path);
  EXPECT_EQ(Lines(crash).size(), 5U) << "and nobody waits for a pipe";
}

TEST_F(RestartTest, ANameWithoutAFolderIsOfTheOneWeAreIn) {
  std::ofstream(path) << Line("decision", "7-1");
  crash.last_lines = PlaceIn(path);
  std::filesystem::rename(path, tree.root() / "old");
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(tree.root());
  path = "records.jsonl";
  EXPECT_EQ(Lines(crash).size(), 4U);
  std::filesystem::current_path(before);
}

TEST_F(RestartTest, WhatStandsBeforeTheLastLinesIsNotLookedAt) {
  std::ofstream(path) << Line("decision", "7-1");
  crash.last_lines = PlaceIn(path, Line("decision", "7-1").size());
  EXPECT_EQ(Lines(crash).size(), 5U) << "nothing was written after it";
}

TEST_F(RestartTest, AFileThatWasCutIsReadWhole) {
  std::ofstream(path) << Line("decision", "7-1");
  crash.last_lines = PlaceIn(path, 1'000'000);
  EXPECT_EQ(Lines(crash).size(), 4U);
}

#ifndef TAKTGATE_SANITIZED  // the address sanitizer opens files itself to look at an object's type
TEST_F(RestartTest, AFileThatCannotBeReadIsSaid) {
  std::ofstream(path) << Line("decision", "7-1");
  crash.last_lines = PlaceIn(path);
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
  close(next);
  rlimit few = before;
  few.rlim_cur = static_cast<rlim_t>(next);
  setrlimit(RLIMIT_NOFILE, &few);
  const auto refused = FindMissingRecords(crash, path);
  setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIo);
  EXPECT_EQ(refused.error().message,
            "record file " + path.string() +
                ": Too many open files; name a readable file in [record] file");
}
#endif

TEST_F(RestartTest, WhatNobodyKnowsIsOneLine) {
  const MissingRecords missing = RecordOfLostJournal(7);
  ASSERT_EQ(missing.lines.size(), 1U);
  EXPECT_EQ(missing.lines[0].text, R"({"kind":"restart","boot":7,"in_flight":null})");
  EXPECT_EQ(
      missing.notice,
      "an earlier run (boot 7) did not end with all its records, and which parts were in flight "
      "then is not known; the wire rejected them. The last second of its records may be missing");
}

TEST_F(RestartTest, TheLastBootOfARecordFile) {
  EXPECT_EQ(LastBootIn(path), 0U);
  EXPECT_EQ(LastBootIn({}), 0U);
  EXPECT_EQ(LastBootIn(tree.root()), 0U);
  std::ofstream(path) << Line("decision", "5-1");
  EXPECT_EQ(LastBootIn(path), 5U);
  std::ofstream file(path);
  file << Line("decision", "900-1");
  for (int k = 0; k < 3; ++k) file << std::string(1 << 16, ' ') << '\n';
  file << Line("decision", "12-7") << Line("alarm", "11-9") << "no JSON\n{\"part\":\"13\"}\n"
       << "{\"part\":\"x-1\"}\n{\"part\":14}\n{\"part\":\"99999999999-1\"}\n{\"part\":\"15x1\"}\n"
       << Line("decision", "4294967295-1");
  file.close();
  EXPECT_EQ(LastBootIn(path), 12U) << "of its end";
  std::ofstream(path) << Line("decision", "2147483648-1") << Line("decision", "2147483649-1");
  EXPECT_EQ(LastBootIn(path), 2147483648U) << "a greater one is nobody's";
  std::ofstream(path) << Line("decision", "-5");
  EXPECT_EQ(LastBootIn(path), 0U);
  std::filesystem::remove(path);
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(LastBootIn(path), 0U) << "and nobody waits for a pipe";
}

}  // namespace
}  // namespace taktgate::record
