#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/json_text.h"
#include "station/record_file.h"
#include "station/records.h"
#include "station/statistics.h"
#include "station/test_release.h"

namespace taktgate::station {
namespace {

using judge::Reason;
using judge::Verdict;
using std::chrono::milliseconds;

Record DecisionOf(std::uint64_t sequence, bool released, Reason reason, bool answered) {
  Record record;
  gate::Decision& decision = record.decision;
  decision.part = {3, sequence};
  decision.released = released;
  decision.reason = reason;
  decision.trigger_at = TimePoint(milliseconds(1000));
  decision.deadline = TimePoint(milliseconds(1008));
  decision.level_due = decision.deadline;
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
  void SetUp() override {
    folder = std::filesystem::path(::testing::TempDir()) /
             ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::string Text() {
    std::ifstream file(folder / "r.jsonl");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  Notice notice = [this](std::string_view text) { notices.emplace_back(text); };
  std::filesystem::path folder;
  std::vector<std::string> notices;
};

TEST_F(RecordsTest, WritesOneJsonLineWithNamesAndTimes) {
  RecordFile file(folder / "r.jsonl", testing::SmallRelease(), notice);
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
}

TEST_F(RecordsTest, AnAlarmIsALineOfItsOwn) {
  Record record;
  record.kind = Record::Kind::kAlarm;
  record.decision.part = {3, 9};
  record.alarm = {gate::AlarmKind::kDeadlineMisses, gate::Severity::kWarn, {3, 9}};
  RecordFile file(folder / "r.jsonl", testing::SmallRelease(), notice);
  const auto line = LooseJson(file.LineOf(record));
  EXPECT_EQ(line["kind"], "alarm");
  EXPECT_EQ(line["alarm"], "deadline_misses");
  EXPECT_EQ(line["severity"], "warn");
  EXPECT_EQ(line["part"], "3-9");
}

TEST_F(RecordsTest, BeltPlcAndRejectBinAreInTheRecord) {
  RecordFile file(folder / "r.jsonl", testing::SmallRelease(), notice);
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

TEST_F(RecordsTest, AnUnwritablePathIsSaidOnceAndLinesAreCounted) {
  RecordFile file(folder / "none" / "r.jsonl", testing::SmallRelease(), notice);
  EXPECT_FALSE(file.Open());
  for (std::uint64_t i = 1; i <= 5; ++i) {
    file.Write(DecisionOf(i, true, Reason::kNone, true));
    file.Flush();
  }
  EXPECT_EQ(file.lost_lines(), 5U);
  EXPECT_EQ(notices.size(), 1U);
  std::filesystem::create_directories(folder / "none");
  file.Write(DecisionOf(6, true, Reason::kNone, true));
  file.Flush();
  EXPECT_EQ(file.lost_lines(), 5U) << "writing works again";
}

TEST_F(RecordsTest, HalfALineFromAPowerCutIsEndedFirst) {
  std::ofstream(folder / "r.jsonl") << "{\"kind\":\"deci";
  RecordFile file(folder / "r.jsonl", testing::SmallRelease(), notice);
  ASSERT_TRUE(file.Open());
  file.Write(DecisionOf(1, true, Reason::kNone, true));
  file.Flush();
  const std::string text = Text();
  EXPECT_FALSE(LooseJson(text.substr(text.find('\n') + 1)).is_discarded());
}

// A full disk, made by the file size limit of the process: what fits is cut back to whole lines.
TEST_F(RecordsTest, AFullDiskLeavesOnlyWholeLines) {
  RecordFile file(folder / "r.jsonl", testing::SmallRelease(), notice);
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
  EXPECT_EQ(whole + file.lost_lines(), 10U);
  EXPECT_EQ(notices.size(), 1U);
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
  RecordQueue queue(8, {&sink});
  queue.Start();
  queue.Offer({});
  sink.entered.wait(false);
  for (int i = 0; i < 100; ++i) queue.Offer({});  // returns although nobody takes them
  EXPECT_EQ(queue.dropped(), 92U);
  sink.open = true;
  sink.open.notify_all();
  queue.Stop();
  EXPECT_EQ(sink.written, 9U);
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
}  // namespace taktgate::station
