#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "base/test_tree.h"
#include "base/test_wait.h"
#include "record/record_file.h"
#include "record/records.h"
#include "record/statistics.h"
#include "record/test_releases.h"

namespace taktgate::record {
namespace {

using judge::Reason;
using judge::Verdict;
using std::chrono::milliseconds;

Record DecisionOf(std::uint64_t sequence, bool released, Reason reason, bool answered) {
  Record record;
  gate::Decision& decision = record.decision;
  decision.part = {3, sequence};
  decision.release = 1;
  decision.released = released;
  decision.reason = reason;
  decision.trigger_at = TimePoint(milliseconds(1000));
  decision.answer_due = TimePoint(milliseconds(1008));
  decision.level_due = decision.answer_due;
  decision.decided_at = TimePoint(milliseconds(1004));
  decision.issued_at = TimePoint(milliseconds(1005));
  decision.has_answer = answered;
  decision.answer.verdict = released ? Verdict::kPass : Verdict::kFail;
  decision.answer.reason = reason;
  decision.answer.class_index = released ? 0 : 1;
  decision.answer.worst_window = 1;
  decision.answer.windows = 2;
  decision.answer.window_scores = {0.25F, 0.75F};
  decision.answer.started_at = TimePoint(milliseconds(1003));
  decision.answer.finished_at = TimePoint(milliseconds(1004));
  return record;
}

class RecordsTest : public ::testing::Test {
 protected:
  std::string Text() {
    std::ifstream file(folder / "r.jsonl");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static std::size_t LinesOf(const std::filesystem::path& path) {
    std::ifstream file(path);
    return static_cast<std::size_t>(
        std::count(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>(), '\n'));
  }
  Notice notice = [this](std::string_view text) { notices.emplace_back(text); };
  taktgate::testing::Tree tree;
  const std::filesystem::path folder = tree.root();
  std::vector<std::string> notices;
};

TEST_F(RecordsTest, WritesOneJsonLineWithNamesAndTimes) {
  RecordFile file(folder / "r.jsonl", {}, testing::SmallReleases(), notice);
  ASSERT_TRUE(file.Open());
  file.Write(DecisionOf(7, false, Reason::kDefect, true));
  file.Flush();
  const auto line = LooseJson(Text());
  EXPECT_EQ(line["kind"], "decision");
  EXPECT_EQ(line["part"], "3-7");
  EXPECT_EQ(line["released"], false);
  EXPECT_EQ(line["reason"], "defect");
  EXPECT_EQ(line["class"], "bad");
  EXPECT_EQ(line["window"], "right");
  EXPECT_EQ(line["window_scores"], (nlohmann::ordered_json{0.25, 0.75}));
  EXPECT_EQ(line["decided_us"], 4000.0);
  EXPECT_EQ(line["slack_us"], 4000.0);
  EXPECT_EQ(line["release"], "aaaaaaaaaaaa");
  EXPECT_EQ(line["engine"], "taktgate/avx2");
}

TEST_F(RecordsTest, EachLineNamesTheReleaseOfItsPartAndHasItsLabels) {
  Releases releases;
  bundle::Release other = testing::SmallReleaseOf('c');
  other.labels = {{"whole", true}, {"cracked", false}};
  ASSERT_TRUE(releases.Add(bundle::testing::SmallRelease(), "taktgate/avx2"));
  ASSERT_TRUE(releases.Add(other, "onnxruntime"));
  const RecordLines lines(releases);
  Record record = DecisionOf(7, false, Reason::kDefect, true);
  using Kind = Record::Kind;
  for (const Kind kind : {Kind::kDecision, Kind::kLateAnswer, Kind::kPassCutShort, Kind::kVerified,
                          Kind::kAlarm, Kind::kOrder}) {
    record.kind = kind;
    record.decision.release = 1;
    EXPECT_EQ(LooseJson(lines.LineOf(record))["release"], "aaaaaaaaaaaa");
    record.decision.release = 2;
    const auto line = LooseJson(lines.LineOf(record));
    EXPECT_EQ(line["release"], "cccccccccccc");
    if (line.contains("class")) {
      EXPECT_EQ(line["class"], "cracked");
      EXPECT_EQ(line["engine"], "onnxruntime");
    }
    record.decision.release = 3;
    EXPECT_EQ(LooseJson(lines.LineOf(record))["release"], "") << "nobody knows it";
  }
}

TEST_F(RecordsTest, AnAlarmIsALineOfItsOwn) {
  Record record;
  record.kind = Record::Kind::kAlarm;
  record.decision.part = {3, 9};
  record.alarm = {gate::AlarmKind::kDeadlineMisses, gate::Severity::kWarn, {3, 9}};
  const RecordLines file(testing::SmallReleases());
  const auto line = LooseJson(file.LineOf(record));
  EXPECT_EQ(line["kind"], "alarm");
  EXPECT_EQ(line["alarm"], "deadline_misses");
  EXPECT_EQ(line["severity"], "warn");
  EXPECT_EQ(line["part"], "3-9");
}

TEST_F(RecordsTest, BeltPlcAndRejectBinAreInTheRecord) {
  const RecordLines file(testing::SmallReleases());
  Record record = DecisionOf(7, false, Reason::kDefect, true);
  EXPECT_FALSE(LooseJson(file.LineOf(record)).contains("plc_part"));
  record.decision.encoder = 4'294'967'295;
  record.decision.has_plc_part = true;
  record.decision.plc_part = 48'113;
  const auto line = LooseJson(file.LineOf(record));
  EXPECT_EQ(line["encoder"], 4'294'967'295);
  EXPECT_EQ(line["plc_part"], 48'113);
  record.kind = Record::Kind::kVerified;
  record.decision.verified = gate::Verified::kDisagreed;
  const auto verified = LooseJson(file.LineOf(record));
  EXPECT_EQ(verified["kind"], "verified");
  EXPECT_EQ(verified["part"], "3-7");
  EXPECT_EQ(verified["agreed"], false);
}

TEST_F(RecordsTest, LinesWaitForAPathThatBecomesWritable) {
  RecordFile file(folder / "none" / "r.jsonl", {}, testing::SmallReleases(), notice);
  EXPECT_TRUE(file.Open()) << "the station decides all the same";
  for (std::uint64_t i = 1; i <= 5; ++i) {
    file.Write(DecisionOf(i, true, Reason::kNone, true));
    file.Flush();
  }
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_NE(notices[0].find("lines wait until this is mended"), std::string::npos);
  std::filesystem::create_directories(folder / "none");
  file.Flush();
  EXPECT_EQ(file.lost_lines(), 0U);
  EXPECT_EQ(LinesOf(folder / "none" / "r.jsonl"), 5U);
  EXPECT_EQ(notices.back(), "records: writing works again; 0 lines were lost");
  EXPECT_TRUE(file.Close());
}

TEST_F(RecordsTest, MoreThanCanWaitIsLostCountedAndSaidOnce) {
  RecordFile file(folder / "none" / "r.jsonl", {}, testing::SmallReleases(), notice);
  EXPECT_TRUE(file.Open());
  for (std::uint64_t i = 1; i <= RecordFile::kMostWaiting + 3; ++i) {
    file.Write(DecisionOf(i, true, Reason::kNone, true));
  }
  EXPECT_EQ(file.lost_lines(), 3U);
  ASSERT_EQ(notices.size(), 2U);
  EXPECT_NE(notices[1].find("8192 lines wait already"), std::string::npos);
  std::filesystem::create_directories(folder / "none");
  file.Flush();
  EXPECT_EQ(LinesOf(folder / "none" / "r.jsonl"), RecordFile::kMostWaiting);
  EXPECT_EQ(notices.back(), "records: writing works again; 3 lines were lost");
}

TEST_F(RecordsTest, WhatIsLeftAtTheEndIsLostAndSaid) {
  RecordFile file(folder / "none" / "r.jsonl", {}, testing::SmallReleases(), notice);
  EXPECT_TRUE(file.Open());
  file.Write(DecisionOf(1, true, Reason::kNone, true));
  const Status closed = file.Close();
  ASSERT_FALSE(closed);
  EXPECT_NE(closed.error().message.find("1 lines could not be written"), std::string::npos);
  EXPECT_EQ(file.lost_lines(), 1U);
}

TEST_F(RecordsTest, TwoStationsDoNotWriteOneFile) {
  RecordFile file(folder / "r.jsonl", {}, testing::SmallReleases(), notice);
  ASSERT_TRUE(file.Open());
  RecordFile other(folder / "r.jsonl", {}, testing::SmallReleases(), notice);
  const Status refused = other.Open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kWrongState);
}

TEST_F(RecordsTest, AFileThatIsRenamedOrRemovedLosesNothingInSilence) {
  RecordFile file(folder / "r.jsonl", {}, testing::SmallReleases(), notice);
  ASSERT_TRUE(file.Open());
  const auto write = [&](std::uint64_t part) {
    file.Write(DecisionOf(part, true, Reason::kNone, true));
    file.Flush();
  };
  write(1);
  std::filesystem::rename(folder / "r.jsonl", folder / "r.old");
  write(2);
  EXPECT_EQ(LinesOf(folder / "r.old"), 1U);
  EXPECT_EQ(LinesOf(folder / "r.jsonl"), 1U);
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_NE(notices[0].find("was renamed; a new one is begun"), std::string::npos);
  std::filesystem::remove(folder / "r.jsonl");
  write(3);
  EXPECT_EQ(LinesOf(folder / "r.jsonl"), 1U);
  ASSERT_EQ(notices.size(), 2U);
  EXPECT_NE(notices[1].find("was removed with all that was in it, 1 lines of this station"),
            std::string::npos);
  std::filesystem::rename(folder / "r.jsonl", folder / "r.old");
  file.WantReopen();  // the usual request to a daemon: nothing to report
  write(4);
  EXPECT_EQ(LinesOf(folder / "r.jsonl"), 1U);
  EXPECT_EQ(notices.size(), 2U);
  std::filesystem::remove(folder / "r.jsonl");
  file.WantReopen();  // it was renamed and packed before this station heard of it
  write(5);
  EXPECT_EQ(notices.size(), 2U);
  EXPECT_EQ(file.lost_lines(), 1U) << "of the one that was removed";
}

TEST_F(RecordsTest, AFileThatIsRemovedIsSaidWhileTheLineStandsAndAtItsEnd) {
  RecordFile file(folder / "r.jsonl", {}, testing::SmallReleases(), notice);
  ASSERT_TRUE(file.Open());
  for (std::uint64_t i = 1; i <= 3; ++i) file.Write(DecisionOf(i, true, Reason::kNone, true));
  file.Flush();
  std::filesystem::remove(folder / "r.jsonl");
  file.Flush();
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_NE(notices[0].find("3 lines of this station"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(folder / "r.jsonl"));
  file.Write(DecisionOf(4, true, Reason::kNone, true));
  file.Flush();
  std::filesystem::remove(folder / "r.jsonl");
  EXPECT_TRUE(file.Close());
  ASSERT_EQ(notices.size(), 2U);
  EXPECT_NE(notices[1].find("1 lines of this station"), std::string::npos);
  EXPECT_EQ(file.lost_lines(), 4U);
}

TEST_F(RecordsTest, WhereNothingWaitsNothingIsMended) {
  RecordFile file(folder / "none" / "r.jsonl", {}, testing::SmallReleases(), notice);
  EXPECT_TRUE(file.Open());
  file.Flush();
  EXPECT_EQ(notices.size(), 1U);
}

TEST_F(RecordsTest, AFileThatCannotBePutAsideIsWrittenOn) {
  Rotation rotation;
  rotation.bytes = 1000;
  rotation.keep = 1;
  std::filesystem::create_directories(folder / "r.jsonl.1" / "in_the_way");
  RecordFile file(folder / "r.jsonl", rotation, testing::SmallReleases(), notice);
  ASSERT_TRUE(file.Open());
  const auto write = [&](std::uint64_t parts) {
    for (std::uint64_t i = 1; i <= parts; ++i) {
      file.Write(DecisionOf(i, true, Reason::kNone, true));
      file.Flush();
    }
  };
  write(20);
  EXPECT_EQ(LinesOf(folder / "r.jsonl"), 20U);
  ASSERT_EQ(notices.size(), 1U) << "said once";
  EXPECT_NE(notices[0].find("cannot be put aside"), std::string::npos);
  std::filesystem::remove_all(folder / "r.jsonl.1");
  write(1);
  EXPECT_EQ(LinesOf(folder / "r.jsonl.1"), 20U);
  EXPECT_EQ(LinesOf(folder / "r.jsonl"), 1U);
}

TEST_F(RecordsTest, WhoKeepsFewerFilesHasNoOlderOnes) {
  for (const char* name : {"r.jsonl.1", "r.jsonl.2", "r.jsonl.3", "r.jsonl.4"}) {
    std::ofstream(folder / name) << "old\n";
  }
  std::ofstream(folder / "r.jsonl") << "older than one may be\n";
  Rotation rotation;
  rotation.age = Duration(1);
  rotation.keep = 2;
  RecordFile file(folder / "r.jsonl", rotation, testing::SmallReleases(), notice);
  ASSERT_TRUE(file.Open());
  file.Write(DecisionOf(1, true, Reason::kNone, true));
  file.Flush();
  EXPECT_TRUE(std::filesystem::exists(folder / "r.jsonl.2"));
  EXPECT_FALSE(std::filesystem::exists(folder / "r.jsonl.3"));
  EXPECT_FALSE(std::filesystem::exists(folder / "r.jsonl.4"));
}

TEST_F(RecordsTest, AFileThatIsLargeEnoughIsPutAside) {
  Rotation rotation;
  rotation.bytes = 1100;
  rotation.keep = 2;
  RecordFile file(folder / "r.jsonl", rotation, testing::SmallReleases(), notice);
  ASSERT_TRUE(file.Open());
  for (std::uint64_t i = 1; i <= 10; ++i) {
    file.Write(DecisionOf(i, true, Reason::kNone, true));
    file.Flush();
  }
  for (const auto& [name, lines] :
       {std::pair("r.jsonl", 1U), std::pair("r.jsonl.1", 3U), std::pair("r.jsonl.2", 3U)}) {
    EXPECT_EQ(LinesOf(folder / name), lines) << name;
    EXPECT_LE(std::filesystem::file_size(folder / name), 1100U);
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "r.jsonl.3"));
  std::ifstream newest(folder / "r.jsonl"), oldest(folder / "r.jsonl.2");
  std::string line;
  std::getline(newest, line);
  EXPECT_EQ(LooseJson(line)["part"], "3-10");
  std::getline(oldest, line);
  EXPECT_EQ(LooseJson(line)["part"], "3-4");
  EXPECT_TRUE(notices.empty());
}

TEST_F(RecordsTest, AFileThatIsOldEnoughIsPutAside) {
  Rotation rotation;
  rotation.age = Duration(1);
  RecordFile file(folder / "r.jsonl", rotation, testing::SmallReleases(), notice);
  ASSERT_TRUE(file.Open());
  for (std::uint64_t i = 1; i <= 3; ++i) {
    file.Write(DecisionOf(i, true, Reason::kNone, true));
    file.Flush();
  }
  EXPECT_EQ(LinesOf(folder / "r.jsonl"), 1U);
  EXPECT_EQ(LinesOf(folder / "r.jsonl.2"), 1U);
}

TEST_F(RecordsTest, APipeTakesWholeLinesAndNobodyWaitsForItsReader) {
  ASSERT_EQ(mkfifo((folder / "r.jsonl").c_str(), 0644), 0);
  RecordFile file(folder / "r.jsonl", {}, testing::SmallReleases(), notice);
  EXPECT_TRUE(file.Open());
  const auto write = [&](std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t i = from; i <= to; ++i) {
      file.Write(DecisionOf(i, true, Reason::kNone, true));
    }
    file.Flush();
  };
  write(1, 3);
  ASSERT_EQ(notices.size(), 1U) << "no reader yet";
  const int reader = open((folder / "r.jsonl").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  ASSERT_EQ(fcntl(reader, F_SETPIPE_SZ, 4096), 4096);
  std::string text;
  const auto read_all = [&] {
    std::array<char, 4096> bytes;
    for (ssize_t came = 0; (came = read(reader, bytes.data(), bytes.size())) > 0;) {
      text.append(bytes.data(), static_cast<std::size_t>(came));
    }
  };
  write(4, 40);  // more than it holds
  while (std::count(text.begin(), text.end(), '\n') < 40) {
    read_all();
    file.Flush();
  }
  std::istringstream lines(text);
  std::uint64_t part = 0;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_EQ(LooseJson(line)["part"], "3-" + std::to_string(++part));
  }
  EXPECT_EQ(part, 40U);
  EXPECT_EQ(file.lost_lines(), 0U);
  close(reader);
}

TEST_F(RecordsTest, TheJournalLearnsWhichDecisionsAreInTheFile) {
  std::filesystem::create_directories(folder / "memory");
  const FlightJournal::Place place{folder, folder / "memory"};
  auto journal = std::move(FlightJournal::Begin(place, 3, "ab", 64).value());
  RecordFile file(folder / "none" / "r.jsonl", {}, testing::SmallReleases(), notice);
  EXPECT_TRUE(file.Open());
  file.MarkIn(journal.get());
  for (std::uint64_t i = 1; i <= 3; ++i) {
    const Record record = DecisionOf(i, true, Reason::kNone, true);
    journal->Decided(record.decision);
    Record late = record;
    late.kind = Record::Kind::kLateAnswer;
    file.Write(i == 2 ? late : record);
  }
  file.Flush();
  EXPECT_EQ(journal->Look().entries.size(), 3U) << "nothing is in the file";
  std::filesystem::create_directories(folder / "none");
  file.Flush();
  ASSERT_EQ(journal->Look().entries.size(), 1U);
  EXPECT_EQ(journal->Look().entries[0].part.sequence, 2U) << "of it only another record";
  struct stat info {};
  ASSERT_EQ(stat((folder / "none" / "r.jsonl").c_str(), &info), 0);
  EXPECT_EQ(journal->Look().last_lines.inode, info.st_ino);
  EXPECT_EQ(journal->Look().last_lines.offset, 0U);
}

TEST_F(RecordsTest, HalfALineFromAPowerCutIsEndedFirst) {
  std::ofstream(folder / "r.jsonl") << "{\"kind\":\"deci";
  RecordFile file(folder / "r.jsonl", {}, testing::SmallReleases(), notice);
  ASSERT_TRUE(file.Open());
  file.Write(DecisionOf(1, true, Reason::kNone, true));
  file.Flush();
  const std::string text = Text();
  EXPECT_FALSE(LooseJson(text.substr(text.find('\n') + 1)).is_discarded());
}

// A full disk, made by the file size limit of the process: what fits is cut back to whole lines.
TEST_F(RecordsTest, AFullDiskLeavesOnlyWholeLines) {
  RecordFile file(folder / "r.jsonl", {}, testing::SmallReleases(), notice);
  ASSERT_TRUE(file.Open());
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{1000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  for (std::uint64_t i = 1; i <= 10; ++i) {
    file.Write(DecisionOf(i, true, Reason::kNone, true));
    file.Flush();
  }
  setrlimit(RLIMIT_FSIZE, &before);
  const std::string text = Text();
  ASSERT_FALSE(text.empty());
  EXPECT_EQ(text.back(), '\n');
  std::istringstream lines(text);
  std::uint64_t whole = 0;
  for (std::string line; std::getline(lines, line); ++whole) {
    EXPECT_FALSE(LooseJson(line).is_discarded()) << line;
  }
  EXPECT_LT(whole, 10U);
  EXPECT_EQ(notices.size(), 1U);
  EXPECT_TRUE(file.Close());
  EXPECT_EQ(LinesOf(folder / "r.jsonl"), 10U) << "the disk has room again";
  EXPECT_EQ(file.lost_lines(), 0U);
}

class BlockedSink : public RecordSink {
 public:
  void Write(const Record&) override {
    entered = true;
    entered.notify_all();
    open.wait(false);
    ++written;
  }
  std::atomic<bool> entered{false};
  std::atomic<bool> open{false};
  std::atomic<std::uint64_t> written{0};
};

TEST(RecordQueue, ASlowSinkCostsRecordsAndNeverTheGateThread) {
  BlockedSink sink;
  std::vector<std::string> notices;
  RecordQueue queue(8, {&sink}, [&](std::string_view text) { notices.emplace_back(text); });
  queue.Start();
  queue.Write({});
  sink.entered.wait(false);
  for (int i = 0; i < 100; ++i) queue.Write({});  // returns although nobody reads them
  EXPECT_EQ(queue.dropped(), 92U);
  ASSERT_EQ(notices.size(), 1U) << "at once, and once";
  EXPECT_NE(notices[0].find("records are dropped"), std::string::npos);
  sink.open = true;
  sink.open.notify_all();
  queue.Stop();
  EXPECT_EQ(sink.written, 9U);
  ASSERT_EQ(notices.size(), 2U);
  EXPECT_NE(notices[1].find("92 records were dropped"), std::string::npos);
}

TEST(RecordQueue, WhatTheGateThreadCouldNotHandOverItsOwnThreadSays) {
  std::vector<std::string> notices;
  RecordQueue queue(2, {}, [&](std::string_view text) { notices.emplace_back(text); });
  for (int i = 0; i < 5; ++i) queue.Offer({});
  EXPECT_TRUE(notices.empty());
  queue.Start();
  queue.Stop();
  EXPECT_EQ(notices.size(), 2U);
}

TEST(RecordQueue, ItsSinksLookAfterTheirFilesWhileNothingComes) {
  class Looking : public RecordSink {
   public:
    void Write(const Record&) override {}
    void Flush() override { ++looks; }
    std::atomic<int> looks{0};
  };
  Looking sink;
  RecordQueue queue(8, {&sink});
  queue.Start();
  EXPECT_TRUE(taktgate::testing::Comes("two looks", [&] { return sink.looks >= 2; }));
  EXPECT_TRUE(queue.Stop());
}

TEST(RecordQueue, ASlowSinkHoldsNoOtherOne) {
  BlockedSink slow, quick;
  quick.open = true;
  RecordQueue to_slow(8, {&slow});
  RecordQueue all(8, {&to_slow, &quick});
  to_slow.Start();
  all.Start();
  for (int i = 0; i < 5; ++i) all.Offer({});
  slow.entered.wait(false);
  EXPECT_TRUE(all.Stop());
  EXPECT_EQ(quick.written, 5U);
  EXPECT_EQ(slow.written, 0U);
  slow.open = true;
  slow.open.notify_all();
  EXPECT_TRUE(to_slow.Stop());
  EXPECT_EQ(slow.written, 5U);
}

TEST(Statistics, CountsReasonsTruthAndTimes) {
  Statistics statistics(2, [](std::uint64_t sequence) { return sequence % 2 == 1 ? 0 : 1; });
  statistics.Write(DecisionOf(1, true, Reason::kNone, true));
  statistics.Write(DecisionOf(2, true, Reason::kNone, true));
  statistics.Write(DecisionOf(3, false, Reason::kDefect, true));
  statistics.Write(DecisionOf(5, false, Reason::kNoFrame, false));
  statistics.Write(DecisionOf(4, false, Reason::kLate, false));
  Record late = DecisionOf(4, false, Reason::kLate, false);
  late.kind = Record::Kind::kLateAnswer;
  late.decision.answer.finished_at = TimePoint(milliseconds(1012));
  statistics.Write(late);
  const LineCounts counts = statistics.Look();
  EXPECT_EQ(counts.parts, 5U);
  EXPECT_EQ(counts.released, 2U);
  EXPECT_EQ(counts.misses(), 2U);
  EXPECT_EQ(counts.late_answers, 1U);
  EXPECT_EQ(counts.latency.count(), 4U) << "late answers belong to the tail";
  EXPECT_EQ(counts.latency.max(), milliseconds(12));
  EXPECT_EQ(counts.pass_after_deadline, 0U);
  const auto truth = statistics.LookAtTruth();
  EXPECT_EQ(truth[0].released, 1U);
  EXPECT_EQ(truth[0].rejected_by_model, 1U);
  EXPECT_EQ(truth[0].rejected_unseen, 1U);
  EXPECT_EQ(truth[1].released, 1U);
  EXPECT_EQ(truth[1].rejected_unseen, 1U);
}

}  // namespace
}  // namespace taktgate::record
