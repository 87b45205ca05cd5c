// One run of a station from its file, and what it says at its end.
#include "session/line_session.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/json_text.h"
#include "base/test_tree.h"
#include "inspect/test_whole_bundle.h"
#include "record/flight_journal.h"
#include "session/end_report.h"

namespace taktgate::session {
namespace {

// A line of three simulated boards, slow enough for any machine. What is decided is tested, not how
// fast.
class LineSessionTest : public ::testing::Test {
 protected:
  LineSessionTest() {
    pthread_sigmask(SIG_SETMASK, nullptr, &signals_before);
    EXPECT_TRUE(WriteFile(tree.root() / "whole.tgb", inspect::testing::WholeBundle().Bytes()));
  }
  ~LineSessionTest() override {
    RemoveJournals();
    pthread_sigmask(SIG_SETMASK, &signals_before, nullptr);
  }

  Result<std::unique_ptr<LineSession>> Make(const std::string& tables = "") {
    const auto file = ParseStationFile("[line]\nparts = 3\nparts_per_second = 5\n" + tables +
                                           "[realtime]\nlock_memory = false\nthreads = false\n"
                                           "[deadline]\nwindow = \"150ms\"\nreserve = \"10ms\"\n"
                                           "[release]\nbundle = \"" +
                                           bundle + "\"\n",
                                       tree.root());
    if (!file) return file.error();
    return LineSession::Create(*file, [this](std::string_view text) {
      const std::lock_guard lock(mutex);
      notices.emplace_back(text);
    });
  }
  std::string Refused(const std::string& tables = "") {
    const auto line = Make(tables);
    return line ? "made" : line.error().message;
  }
  // Those of lines that were made and never run: they lie in memory, not in the folder of the test.
  void RemoveJournals() {
    for (const auto& entry : std::filesystem::directory_iterator(tree.root())) {
      if (!entry.is_directory()) continue;
      const auto left = record::FlightJournal::LeftBehind({.state = entry.path()});
      if (!left) continue;
      for (const auto& journal : *left) journal->Remove();
    }
  }
  std::string TextOf(const std::string& name) const {
    const auto bytes = ReadFile(tree.root() / name, 1 << 20);
    return bytes ? std::string(bytes->begin(), bytes->end()) : bytes.error().message;
  }

  taktgate::testing::Tree tree;
  std::string bundle = "whole.tgb";
  std::mutex mutex;
  std::vector<std::string> notices;
  sigset_t signals_before{};
};

TEST_F(LineSessionTest, RunsUntilItsLineEndsAndCountsEveryPart) {
  auto made =
      Make("[station]\nname = \"line 3\"\nstate = \"state\"\n[record]\nfile = \"r.jsonl\"\n");
  ASSERT_TRUE(made) << made.error().message;
  LineSession& line = **made;
  EXPECT_EQ(line.reserve(), std::chrono::milliseconds(10)) << "as the file says";
  EXPECT_EQ(line.truth_names(), (std::vector<std::string>{"good", "open", "short"}));
  int ticks = 0;
  ASSERT_TRUE(line.Start());
  const Status ended = line.Run([&ticks] { ++ticks; });
  ASSERT_TRUE(ended) << ended.error().message;
  EXPECT_GT(ticks, 0);
  EXPECT_FALSE(line.thread_lost());
  EXPECT_FALSE(line.stopped_by_signal());
  EXPECT_EQ(line.statistics().Look().parts, 3U);
  EXPECT_EQ(line.records_dropped() + line.records_lost(), 0U);
  const std::string records = TextOf("r.jsonl");
  for (const char* part : {"-1\"", "-2\"", "-3\""}) {
    const std::string id = "\"part\":\"" + std::to_string(line.boot()) + part;
    EXPECT_NE(records.find(id), std::string::npos) << id << " in " << records;
  }
}

TEST_F(LineSessionTest, EveryRunHasABootNumberOfItsOwn) {
  std::vector<std::uint32_t> boots;
  for (int run = 0; run < 3; ++run) {
    const auto line = Make("[station]\nstate = \"state\"\n");
    ASSERT_TRUE(line) << line.error().message;
    boots.push_back((*line)->boot());
  }
  EXPECT_EQ(boots[1], boots[0] + 1);
  EXPECT_EQ(boots[2], boots[0] + 2);
}

TEST_F(LineSessionTest, AStateFolderIsOneStationsAtATime) {
  const auto line = Make("[station]\nstate = \"state\"\n");
  ASSERT_TRUE(line) << line.error().message;
  const auto second = Make("[station]\nstate = \"state\"\n");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kWrongState);
}

TEST_F(LineSessionTest, WhatItCannotReadIsNamed) {
  bundle = "none.tgb";
  EXPECT_NE(Refused().find("none.tgb"), std::string::npos);
  bundle = "whole.tgb";
  EXPECT_NE(Refused("[camera]\nsource = \"replay\"\ndata = \"none.tsv\"\n").find("none.tsv"),
            std::string::npos);
}

TEST_F(LineSessionTest, ARecordFileThatCannotBeWrittenIsReportedAndHoldsNoLineUp) {
  const auto line = Make("[station]\nstate = \"state\"\n[record]\nfile = \"none/r.jsonl\"\n");
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_TRUE(std::any_of(notices.begin(), notices.end(), [](const std::string& notice) {
    return notice.find("none/r.jsonl") != std::string::npos;
  }));
}

TEST_F(LineSessionTest, ARecordFileIsOneStationsAtATime) {
  const auto line = Make("[station]\nstate = \"one\"\n[record]\nfile = \"r.jsonl\"\n");
  ASSERT_TRUE(line) << line.error().message;
  const auto second = Make("[station]\nstate = \"other\"\n[record]\nfile = \"r.jsonl\"\n");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kWrongState);
}

class EndReportTest : public LineSessionTest {
 protected:
  void RunToTheEnd() {
    auto made = Make();
    ASSERT_TRUE(made) << made.error().message;
    line = std::move(*made);
    ASSERT_TRUE(line->Start());
    ASSERT_TRUE(line->Run(nullptr));
  }
  std::unique_ptr<LineSession> line;
};

TEST_F(EndReportTest, TextAndJsonHaveTheCountsOfTheLine) {
  RunToTheEnd();
  const record::LineCounts counts = line->statistics().Look();
  const auto json = LooseJson(EndJson(*line));
  EXPECT_EQ(json.value("schema", 0), 1);
  EXPECT_EQ(json.value("parts", 0), 3);
  EXPECT_EQ(json.value("pass", 99U), counts.released);
  EXPECT_EQ(json.value("pass", 0) + json.value("reject", 0), 3);
  EXPECT_EQ(json.value("misses", 99U), counts.misses());
  int of_reasons = 0;
  for (const auto& [reason, count] : json["reasons"].items()) {
    EXPECT_NE(reason, "none");
    of_reasons += count.get<int>();
  }
  EXPECT_EQ(of_reasons, json.value("reject", 99)) << "every reject has its reason";
  EXPECT_FALSE(json.value("stopped_by_signal", true));
  EXPECT_EQ(json.value("release_changes", 99), 0);
  const std::string text = EndText(*line);
  EXPECT_EQ(text.find("parts 3, pass " + std::to_string(counts.released) + ", reject " +
                      std::to_string(3 - counts.released) + ", misses "),
            0U)
      << text;
  for (const char* silent : {"records:", "changes of the release", "incidents:", "by a signal"}) {
    EXPECT_EQ(text.find(silent), std::string::npos) << silent << " without a cause:\n" << text;
  }
}

}  // namespace
}  // namespace taktgate::session
