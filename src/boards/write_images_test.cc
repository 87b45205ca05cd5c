#include "boards/write_images.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/test_tree.h"
#include "image/decode.h"

namespace taktgate::boards {
namespace {

std::vector<std::vector<std::string>> Table(const std::filesystem::path& path) {
  std::vector<std::vector<std::string>> rows;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> cells;
    std::istringstream columns(line + "\t");
    for (std::string cell; std::getline(columns, cell, '\t');) cells.push_back(cell);
    rows.push_back(std::move(cells));
  }
  return rows;
}

class WriteImagesTest : public ::testing::Test {
 protected:
  taktgate::testing::Tree tree;
  const std::filesystem::path folder = tree.root() / "folder";
};

TEST_F(WriteImagesTest, WritesAListWhoseImagesAreTheRenderersOnes) {
  WriteSettings settings;
  settings.parts = 5;
  settings.boards.defect_share = 0.5;
  ASSERT_TRUE(WriteImages(folder, settings, {}));
  const auto rows = Table(folder / "parts.tsv");
  ASSERT_EQ(rows.size(), 6U);
  BoardRenderer renderer(settings.boards);
  std::vector<std::uint8_t> pixels(192 * 192);
  for (std::uint64_t part = 0; part < 5; ++part) {
    const Truth truth = renderer.Render(part, pixels.data());
    const auto& row = rows[part + 1];
    EXPECT_EQ(row[2], LabelOf(truth.defect));
    const auto image = image::DecodeFile(folder / row[0]);
    ASSERT_TRUE(image);
    EXPECT_EQ(image->pixels, pixels);
  }
  EXPECT_EQ(image::DecodeFile(folder / "golden.png")->pixels, renderer.golden().pixels);
}

TEST_F(WriteImagesTest, APartsWindowsShareItsSplitAndBoxesLieInTheirWindows) {
  WriteSettings settings;
  settings.parts = 120;
  settings.boards.defect_share = 0.7;
  settings.windows = true;
  settings.val_share = 0.2;
  settings.test_share = 0.2;
  ASSERT_TRUE(WriteImages(folder, settings, {}));
  std::map<std::string, std::string> split_of;
  for (const auto& row : Table(folder / "parts.tsv")) split_of[row[3]] = row[4];
  std::map<std::string, int> splits;
  for (const auto& row : Table(folder / "windows.tsv")) {
    if (row[0] == "image") continue;
    EXPECT_EQ(row[8], split_of[row[7]]);
    ++splits[row[8]];
    EXPECT_EQ(row[6] == "good", row[9].empty()) << "a box where there is a defect";
    if (row[9].empty()) continue;
    EXPECT_GE(std::stoi(row[9]), std::stoi(row[2]));
    EXPECT_LE(std::stoi(row[9]) + std::stoi(row[11]), std::stoi(row[2]) + std::stoi(row[4]));
  }
  EXPECT_GT(splits["train"], splits["val"]);
  EXPECT_GT(splits["val"], 0);
  EXPECT_GT(splits["test"], 0);
}

TEST_F(WriteImagesTest, RefusesAFolderThatHoldsAListOrCannotBeMade) {
  WriteSettings settings;
  settings.parts = 1;
  ASSERT_TRUE(WriteImages(folder, settings, {}));
  EXPECT_EQ(WriteImages(folder, settings, {}).error().code, ErrorCode::kInvalid);
  EXPECT_FALSE(WriteImages("/proc/none", settings, {}));
}

}  // namespace
}  // namespace taktgate::boards
