#include "boards/write_images.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
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

TEST_F(WriteImagesTest, TellsAfterEachPart) {
  WriteSettings settings;
  settings.parts = 3;
  std::vector<std::uint64_t> done;
  ASSERT_TRUE(WriteImages(folder, settings, [&](std::uint64_t part) { done.push_back(part); }));
  EXPECT_EQ(done, (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST_F(WriteImagesTest, WithoutSharesNoPartHasASplitAndWithoutWindowsThereAreNone) {
  WriteSettings settings;
  settings.parts = 4;
  ASSERT_TRUE(WriteImages(folder, settings, {}));
  const auto rows = Table(folder / "parts.tsv");
  EXPECT_EQ(rows[0], (std::vector<std::string>{"image", "golden", "label", "part", "split", "bx",
                                               "by", "bw", "bh"}));
  for (std::size_t k = 1; k < rows.size(); ++k) {
    EXPECT_EQ(rows[k][3], "00000" + std::to_string(k - 1));
    EXPECT_EQ(rows[k][4], "");
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "windows.tsv"));
  EXPECT_FALSE(std::filesystem::exists(folder / "aligned"));
}

TEST_F(WriteImagesTest, TheSameSettingsGiveTheSameFiles) {
  WriteSettings settings;
  settings.parts = 6;
  settings.windows = true;
  settings.boards.defect_share = 0.5;
  settings.val_share = 0.3;
  const auto other = tree.root() / "other";
  ASSERT_TRUE(WriteImages(folder, settings, {}));
  ASSERT_TRUE(WriteImages(other, settings, {}));
  EXPECT_EQ(Table(folder / "parts.tsv"), Table(other / "parts.tsv"));
  EXPECT_EQ(Table(folder / "windows.tsv"), Table(other / "windows.tsv"));
  EXPECT_EQ(image::DecodeFile(folder / "aligned/000003.png")->pixels,
            image::DecodeFile(other / "aligned/000003.png")->pixels);
}

// As the alignment on the device finds it, within a px.
TEST_F(WriteImagesTest, AnAlignedBoardLiesWhereTheGoldenOneDoes) {
  WriteSettings settings;
  settings.parts = 4;
  settings.windows = true;
  settings.boards.defect_share = 0;
  settings.boards.nuisance = {.gain = 0, .blur_px = 0.5, .noise = 0, .shift_px = 10};
  ASSERT_TRUE(WriteImages(folder, settings, {}));
  const auto golden = image::DecodeFile(folder / "golden.png");
  for (int part = 0; part < 4; ++part) {
    const auto aligned =
        image::DecodeFile(folder / ("aligned/00000" + std::to_string(part) + ".png"));
    ASSERT_TRUE(aligned);
    int nearest = 255 * 192 * 192;
    for (int dx = -1; dx <= 1; ++dx) {
      for (int dy = -1; dy <= 1; ++dy) {
        int difference = 0;
        for (int y = 32; y < 160; ++y) {
          for (int x = 32; x < 160; ++x) {
            difference +=
                std::abs(aligned->pixels[static_cast<std::size_t>((y + dy) * 192 + x + dx)] -
                         golden->pixels[static_cast<std::size_t>(y * 192 + x)]);
          }
        }
        nearest = std::min(nearest, difference);
      }
    }
    EXPECT_LT(nearest, 128 * 128 * 3) << part << ": grey levels a pixel";
  }
}

TEST_F(WriteImagesTest, AWindowThatSeesADefectHasItsLabelAndOneGoodOneIsEnough) {
  WriteSettings settings;
  settings.parts = 60;
  settings.windows = true;
  settings.boards.defect_share = 0.5;
  ASSERT_TRUE(WriteImages(folder, settings, {}));
  std::map<std::string, std::string> label_of;
  for (const auto& row : Table(folder / "parts.tsv")) label_of[row[3]] = row[2];
  std::map<std::string, int> good, bad;
  const auto windows = Table(folder / "windows.tsv");
  for (std::size_t k = 1; k < windows.size(); ++k) {
    const auto& row = windows[k];
    if (row[6] == "good") {
      EXPECT_LE(++good[row[7]], 1) << row[7];
    } else {
      EXPECT_EQ(row[6], label_of[row[7]]);
      ++bad[row[7]];
    }
  }
  for (const auto& [part, label] : label_of) {
    if (part == "part") continue;
    EXPECT_EQ(bad[part] > 0, label != "good") << part << " " << label;
  }
}

TEST_F(WriteImagesTest, AFolderThatIsAFileIsNamed) {
  tree.Write("folder", "in the way");
  const Status written = WriteImages(folder, {}, {});
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message.find(folder.string()), std::string::npos);
}

}  // namespace
}  // namespace taktgate::boards
