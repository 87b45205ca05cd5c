#include "samples/sample_folder.h"

#include <gtest/gtest.h>

#include "base/test_tree.h"

namespace taktgate::samples {
namespace {

class SampleFolder : public ::testing::Test {
 protected:
  // Nobody opens an image here.
  void Put(std::initializer_list<const char*> names) const {
    for (const char* name : names) tree.Write(name, "x");
  }
  std::vector<std::string> Parts() const {
    std::vector<std::string> parts;
    const auto rows = ReadSampleFolder(tree.root());
    if (!rows) return {rows.error().message};
    for (const SampleRow& row : *rows)
      parts.push_back(row.split + " " + row.label + " " + row.part);
    return parts;
  }
  std::string Refused() const {
    const auto rows = ReadSampleFolder(tree.root());
    return rows ? "taken" : rows.error().message;
  }

  taktgate::testing::Tree tree;
};

using Texts = std::vector<std::string>;

TEST_F(SampleFolder, RowsAreOrderedByTheWholePath) {
  Put({"a/x.png", "a-b/x.png", "a/b.png", "B/z.png"});
  EXPECT_EQ(Parts(), (Texts{"train B B/z.png", "train a-b a-b/x.png", "train a a/b.png",
                            "train a a/x.png"}));
  const auto rows = ReadSampleFolder(tree.root());
  ASSERT_TRUE(rows);
  for (std::size_t k = 0; k < rows->size(); ++k) EXPECT_EQ((*rows)[k].row, k + 1);
  EXPECT_EQ((*rows)[0].image, tree.root() / "B/z.png");
  EXPECT_FALSE((*rows)[0].golden || (*rows)[0].window);
}

TEST_F(SampleFolder, EveryEndingOfAnImageInEitherCase) {
  Put({"c/1.png", "c/2.JPG", "c/3.jpeg", "c/4.Bmp", "c/5.tif", "c/6.TIFF", "c/7.gif", "c/8",
       "c/png"});
  EXPECT_EQ(Parts().size(), 6U);
  EXPECT_EQ(FilesLeftOut(tree.root(), ""), (Texts{"c/7.gif", "c/8", "c/png"}));
}

TEST_F(SampleFolder, HiddenFilesAreNeitherSamplesNorLeftOut) {
  Put({"c/1.png", "c/.1.png", "c/._1.png", ".hidden/1.png"});
  EXPECT_EQ(Parts(), Texts{"train c c/1.png"});
  EXPECT_TRUE(FilesLeftOut(tree.root(), "").empty());
}

TEST_F(SampleFolder, SplitsAreFoldersOfFolders) {
  Put({"test/good/1.png", "train/good/2.png", "val/open/3.png"});
  EXPECT_EQ(Parts(), (Texts{"test good test/good/1.png", "train good train/good/2.png",
                            "val open val/open/3.png"}));
}

TEST_F(SampleFolder, OneSplitUnderTwoNamesIsRefused) {
  Put({"val/good/1.png", "valid/good/2.png"});
  const std::string said = Refused();
  EXPECT_NE(said.find("one folder of the split val"), std::string::npos) << said;
  EXPECT_NE(said.find("valid"), std::string::npos) << said;
}

TEST_F(SampleFolder, AClassBesideASplitIsRefused) {
  Put({"train/good/1.png", "rust/2.png"});
  const std::string said = Refused();
  EXPECT_NE(said.find("rust"), std::string::npos) << said;
  EXPECT_NE(said.find("beside a split"), std::string::npos) << said;
}

TEST_F(SampleFolder, AnImageAboveTheClassesIsInTheWrongPlace) {
  Put({"good/1.png", "lost.png"});
  EXPECT_NE(Refused().find("lost.png"), std::string::npos) << Refused();
  std::filesystem::rename(tree.root() / "lost.png", tree.root() / "readme.txt");
  EXPECT_EQ(Parts(), Texts{"train good good/1.png"}) << "a text does not matter there";
}

TEST_F(SampleFolder, AFolderInAClassIsRefused) {
  Put({"train/good/deep/1.png"});
  EXPECT_NE(Refused().find("deep"), std::string::npos) << Refused();
  EXPECT_NE(Refused().find("SPLIT/CLASS/image"), std::string::npos) << Refused();
}

TEST_F(SampleFolder, NoImageAtAllIsRefused) {
  EXPECT_NE(Refused().find("got none"), std::string::npos) << Refused();
  Put({"good/notes.txt"});
  EXPECT_NE(Refused().find("got none"), std::string::npos) << Refused();
  EXPECT_EQ(ReadSampleFolder(tree.root() / "none").error().code, ErrorCode::kIo);
}

TEST_F(SampleFolder, LeftOutAreThoseOfTheSplit) {
  Put({"train/good/1.png", "train/good/a.txt", "test/good/b.txt", "test/good/2.png"});
  EXPECT_EQ(FilesLeftOut(tree.root(), "train"), Texts{"train/good/a.txt"});
  EXPECT_EQ(FilesLeftOut(tree.root(), ""), (Texts{"test/good/b.txt", "train/good/a.txt"}));
  EXPECT_TRUE(FilesLeftOut(tree.root(), "val").empty());
  EXPECT_TRUE(FilesLeftOut(tree.root() / "train/good/a.txt", "").empty()) << "no folder";
}

TEST(LeftOutText, NamesTheFirstOnesAndCountsTheRest) {
  EXPECT_EQ(LeftOutText("data", {"a/x.txt"}),
            "data: left out 1 file that is no PNG, JPEG, BMP or TIFF: a/x.txt");
  std::vector<std::string> names;
  for (int k = 0; k < 20; ++k) names.push_back("f" + std::to_string(k));
  EXPECT_EQ(LeftOutText("data", names).find("more"), std::string::npos);
  names.emplace_back("last");
  const std::string text = LeftOutText("data", names);
  EXPECT_NE(text.find("21 files that are"), std::string::npos) << text;
  EXPECT_NE(text.find("f0, f1, "), std::string::npos) << text;
  EXPECT_NE(text.find("f19 and 1 more"), std::string::npos) << text;
}

}  // namespace
}  // namespace taktgate::samples
