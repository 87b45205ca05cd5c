#include "rig/prepared_line.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <regex>
#include <sstream>
#include <string>

#include "rig/test_prepared_line.h"

namespace taktgate::rig {
namespace {

class PreparedLineTest : public testing::LineFolderTest {
 protected:
  std::string Refused() const {
    const auto line = PreparedLine::Create(options);
    EXPECT_EQ(FoldersLeft(), 0) << "nothing is left of a line that was refused";
    return line ? "taken" : line.error().message;
  }
  int FoldersLeft() const {
    int folders = 0;
    for (const auto& entry : std::filesystem::directory_iterator(tree.root())) {
      folders += entry.is_directory() ? 1 : 0;
    }
    return folders;
  }
  static void ExpectWords(const std::string& text, std::initializer_list<const char*> words) {
    for (const char* word : words) EXPECT_NE(text.find(word), std::string::npos) << text;
  }
  static std::string TextOf(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
};

TEST_F(PreparedLineTest, HasAllThatAStationNeedsAndRemovesItAgain) {
  options.parts_per_second = 50;
  std::filesystem::path folder, shared;
  {
    auto line = PreparedLine::Create(options);
    ASSERT_TRUE(line) << line.error().message;
    folder = (*line)->folder();
    shared = (*line)->shared_line();
    EXPECT_EQ(folder.parent_path(), tree.root());
    EXPECT_TRUE(std::filesystem::exists(shared));
    EXPECT_EQ((*line)->host().runs(), 0U);
    EXPECT_EQ((*line)->loop(), nullptr);
    ExpectWords(TextOf((*line)->station_file()),
                {"shared = \"/dev/shm/", "parts_per_second = 50\n", options.bundle.c_str(),
                 "capture_until = \"5000000ns\"", "file = \"records.jsonl\""});
  }
  EXPECT_FALSE(std::filesystem::exists(folder));
  EXPECT_FALSE(std::filesystem::exists(shared));
}

TEST_F(PreparedLineTest, KeepsTheFolderOfAViolation) {
  std::filesystem::path folder;
  {
    auto line = PreparedLine::Create(options);
    ASSERT_TRUE(line) << line.error().message;
    folder = (*line)->folder();
    (*line)->KeepFolder();
  }
  EXPECT_TRUE(std::filesystem::exists(folder / "station.toml"));
}

TEST_F(PreparedLineTest, KnowsEachBoardAndWhatTheReleaseSaysOfIt) {
  auto line = PreparedLine::Create(options);
  ASSERT_TRUE(line) << line.error().message;
  ASSERT_EQ((*line)->releases().size(), 1U);
  const std::vector<BoardTruth>& boards = (*line)->releases()[0].boards;
  ASSERT_EQ(boards.size(), (*line)->images().size());
  int defective = 0;
  for (const BoardTruth& board : boards) {
    defective += board.defective ? 1 : 0;
    EXPECT_EQ(board.passes, board.reason == "none") << board.reason;
    EXPECT_GT(board.score, 0);
  }
  EXPECT_NEAR(defective, 256 * 0.2, 20);
  EXPECT_NE((*line)->images()[0].pixels, (*line)->images()[1].pixels);
}

TEST_F(PreparedLineTest, AFastLineHasShortTimes) {
  options.parts_per_second = 200;
  auto line = PreparedLine::Create(options);
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_EQ((*line)->belt().due, std::chrono::milliseconds(4));
  EXPECT_EQ((*line)->schedule().period, std::chrono::milliseconds(5));
  EXPECT_EQ((*line)->schedule().acquisition_delay, std::chrono::microseconds(500));
  ExpectWords(TextOf((*line)->station_file()),
              {"[deadline]\nwindow = \"4000000ns\"\npass_hold = \"400000ns\"\n"});
}

TEST_F(PreparedLineTest, SwapsNeedTwoReleases) {
  options.swaps = 1;
  options.swap_with = options.bundle;
  ExpectWords(Refused(), {"expected two releases to swap", "--swap-with"});
  auto second = inspect::testing::WholeBundle();
  second.Member("recipe").content =
      std::regex_replace(second.Member("recipe").content, std::regex("0\\.25"), "0.125");
  options.swap_with = (tree.root() / "second.tgb").string();
  ASSERT_TRUE(WriteFile(options.swap_with, second.Bytes()));
  const std::string second_bundle = options.swap_with;
  options.swap_with = (tree.root() / "none.tgb").string();
  ExpectWords(Refused(), {"none.tgb"});
  options.swap_with = second_bundle;
  auto line = PreparedLine::Create(options);
  ASSERT_TRUE(line) << line.error().message;
  ASSERT_EQ((*line)->releases().size(), 2U);
  EXPECT_NE((*line)->releases()[0].id, (*line)->releases()[1].id);
  EXPECT_EQ((*line)->BundleOf(1), second_bundle);
}

TEST_F(PreparedLineTest, TakesBeltAndRateFromTheLineFile) {
  tree.Write("line.toml", "belt = \"count\"\nparts_per_second = 10\n[sensors]\ngate = true");
  options.line = (tree.root() / "line.toml").string();
  auto line = PreparedLine::Create(options);
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_EQ((*line)->options().parts_per_second, 10);
  EXPECT_TRUE((*line)->belt().gate_sensor);
  ExpectWords(TextOf((*line)->station_file()),
              {"[belt]\nmode = \"count\"\ndistance = 360\n", "top_speed = 660\n",
               "[sensors]\ngate = true\n", "parts_per_second = 10\n"});
}

TEST_F(PreparedLineTest, RefusesWhatCannotBePlayed) {
  options.line = (tree.root() / "none.toml").string();
  ExpectWords(Refused(), {"none.toml"});
  tree.Write("bursts.toml", "spacing = \"bursts\"\nparts_per_second = 50");
  options.line = (tree.root() / "bursts.toml").string();
  ExpectWords(Refused(), {"mode r cannot play", "spacing"});
  options.line.clear();
  tree.Write("words.tgb", "no bundle");
  options.bundle = (tree.root() / "words.tgb").string();
  ExpectWords(Refused(), {"words.tgb"});
}

TEST_F(PreparedLineTest, RefusesABundleForFramesOfAnotherSize) {
  auto bundle = inspect::testing::WholeBundle();
  bundle.Member("recipe").content =
      R"({"schema": 1, "frame": {"width": 96, "height": 80}, "golden": null,
 "windows": [{"name": "left", "x": 0, "y": 0, "w": 64, "h": 48}],
 "alignment": null, "thresholds": {"pass_at_most": 0.25, "fail_at_least": 0.5}})";
  ASSERT_TRUE(WriteFile(options.bundle, bundle.Bytes()));
  ExpectWords(Refused(), {"192", "96"});
}

TEST_F(PreparedLineTest, AWiredBoardPlaysNoSensorsAndNeedsItsWiring) {
  options.wiring = (tree.root() / "none.toml").string();
  ExpectWords(Refused(), {"wiring file", "none.toml"});
  tree.Write("line.toml", "belt = \"count\"\nparts_per_second = 10");
  options.line = (tree.root() / "line.toml").string();
  ExpectWords(Refused(), {"mode h plays no encoder"});
}

TEST_F(PreparedLineTest, NeedsAFolderForFiles) {
  setenv("TMPDIR", (tree.root() / "none").c_str(), 1);
  const auto line = PreparedLine::Create(options);
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().code, ErrorCode::kIo);
  ExpectWords(line.error().message, {"no folder can be made", "TMPDIR"});
}

}  // namespace
}  // namespace taktgate::rig
