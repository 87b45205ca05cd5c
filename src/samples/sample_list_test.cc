#include "samples/sample_list.h"

#include <gtest/gtest.h>

#include <fstream>

#include "bundle/names.h"
#include "samples/sample_folder.h"

namespace taktgate::samples {
namespace {

namespace fs = std::filesystem;

const std::vector<bundle::Label> kLabels = {{"good", true}, {"open", false}};

// A folder with empty image files a.png, b.png, g.png and sub/c.jpg.
class SampleListTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(::testing::TempDir()) / (std::string("taktgate_samples_") + test->name());
    fs::remove_all(folder_);
    for (const char* name : {"a.png", "b.png", "g.png", "sub/c.jpg"}) Touch(name);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void Touch(const std::string& name) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << "";
  }

  fs::path Write(const std::string& text) {
    const fs::path list = folder_ / "list.tsv";
    std::ofstream(list, std::ios::binary) << text;
    return list;
  }

  void ExpectRefused(const std::string& text, std::string_view words,
                     const std::string& split = "") {
    const auto rows = LoadSamples(Write(text), split, kLabels);
    ASSERT_FALSE(rows) << text;
    EXPECT_NE(rows.error().message.find("list.tsv"), std::string::npos) << rows.error().message;
    EXPECT_NE(rows.error().message.find(words), std::string::npos) << rows.error().message;
    EXPECT_NE(rows.error().message.find("; "), std::string::npos) << rows.error().message;
  }

  fs::path folder_;
};

TEST_F(SampleListTest, EveryColumnArrives) {
  const auto rows =
      LoadSamples(Write("label\timage\tgolden\tx\ty\tw\th\tpart\tsplit\tbx\tby\tbw\tbh\n"
                        "open\ta.png\tg.png\t1\t0\t64\t48\tp1\ttest\t1\t2\t3\t4\n"
                        "\tsub/c.jpg\t\t\t\t\t\t\ttrain\t\t\t\t\n"),
                  "", kLabels);
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ((*rows)[0].image, folder_ / "a.png");
  EXPECT_EQ((*rows)[0].golden, folder_ / "g.png");
  EXPECT_EQ((*rows)[0].window, (image::Rect{1, 0, 64, 48}));
  EXPECT_EQ((*rows)[0].label, "open");
  EXPECT_EQ((*rows)[0].part, "p1");
  EXPECT_EQ((*rows)[0].split, "test");
  EXPECT_EQ((*rows)[0].row, 1u);
  EXPECT_EQ((*rows)[1].image, folder_ / "sub/c.jpg");
  EXPECT_FALSE((*rows)[1].golden);
  EXPECT_FALSE((*rows)[1].window);
  EXPECT_EQ((*rows)[1].label, "");
  EXPECT_EQ((*rows)[1].part, "sub/c.jpg");
}

TEST_F(SampleListTest, OneColumnAndNoLastLineEndAreEnough) {
  const auto rows = LoadSamples(Write("image\na.png\nb.png"), "", kLabels);
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->size(), 2u);
}

TEST_F(SampleListTest, SplitSelectsAndKeepsRowNumbers) {
  const fs::path list = Write("image\tsplit\na.png\ttrain\nb.png\ttest\ng.png\ttest\n");
  const auto rows = LoadSamples(list, "test", kLabels);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ((*rows)[0].row, 2u);
  EXPECT_EQ((*rows)[1].row, 3u);
  EXPECT_FALSE(LoadSamples(list, "val", kLabels));
  EXPECT_FALSE(LoadSamples(list, "Test", kLabels));
}

TEST_F(SampleListTest, UntoldSplitFollowsThePart) {
  const auto rows = LoadSamples(
      Write("image\tpart\tsplit\na.png\tp\t\nb.png\tp\ttest\ng.png\tq\t\n"), "", kLabels);
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ((*rows)[0].split, "test");
  EXPECT_EQ((*rows)[2].split, "train");
  ExpectRefused("image\tpart\tsplit\na.png\tp\ttrain\nb.png\tp\ttest\n",
                "list.tsv:3: expected part \"p\" in split train as at ");
}

TEST_F(SampleListTest, HeaderFaults) {
  ExpectRefused("", "expected a header line");
  ExpectRefused("image\n", "expected rows below the header");
  ExpectRefused("label\ngood\n", "list.tsv:1: expected the column image");
  ExpectRefused("image\tcolour\na.png\tred\n", "list.tsv:1: expected the columns image, golden, ");
  ExpectRefused("image\timage\na.png\ta.png\n",
                "list.tsv:1: expected every column once, got a second \"image\"");
  ExpectRefused("image\tx\ty\tw\na.png\t1\t1\t1\n",
                "list.tsv:1: expected all of the columns x, y, w, h or none, got no \"h\"");
  ExpectRefused("image\tbx\na.png\t1\n", "expected all of the columns bx, by, bw, bh or none");
}

TEST_F(SampleListTest, RowFaultsNameTheLine) {
  ExpectRefused("image\tlabel\na.png\tgood\nb.png\n",
                "list.tsv:3: expected 2 fields as in the header, got 1");
  ExpectRefused("image\tlabel\na.png\tgood\t\n",
                "list.tsv:2: expected 2 fields as in the header, got 3");
  ExpectRefused("image\na.png\n\nb.png\n", "list.tsv:3: expected image as a path");
  ExpectRefused("image\tlabel\na.png\tgood\nb.png\tshort\n",
                "list.tsv:3: expected a label of the release (good, open), got \"short\"");
  ExpectRefused("image\tlabel\na.png\tGood\n", "got \"Good\"");
  ExpectRefused("image\tsplit\na.png\tteaching\n",
                "list.tsv:2: expected the split train, val, test or nothing, got \"teaching\"");
  ExpectRefused("image\tpart\na.png\t" + std::string(257, 'p') + "\n",
                "list.tsv:2: expected a part of at most 256 bytes");
}

TEST_F(SampleListTest, PathsStayInsideTheListsFolder) {
  for (const std::string path : {"/etc/passwd", "../a.png", "sub/../a.png", "sub/..", ".."}) {
    ExpectRefused("image\n" + path + "\n",
                  "list.tsv:2: expected image as a path inside the list's folder");
    ExpectRefused("image\tgolden\na.png\t" + path + "\n",
                  "list.tsv:2: expected golden as a path inside");
  }
  ExpectRefused("image\nmissing.png\n",
                "list.tsv:2: expected the image file \"missing.png\" beside the list");
  ExpectRefused("image\nsub\n", "expected the image file \"sub\"");
  ExpectRefused("image\tgolden\na.png\tno.png\n",
                "list.tsv:2: expected the golden file \"no.png\"");
}

TEST_F(SampleListTest, WindowFaults) {
  for (const std::string number :
       {"-1", "+1", "01", "1.0", " 1", "1 ", "a", "8193", "99999", "0x1", ""}) {
    ExpectRefused("image\tx\ty\tw\th\na.png\t" + number + "\t1\t1\t1\n",
                  "list.tsv:2: expected x as a whole number from 0 to 8192");
  }
  ExpectRefused("image\tx\ty\tw\th\na.png\t0\t0\t0\t1\n",
                "list.tsv:2: expected w as a whole number from 1 to 8192");
  ExpectRefused("image\tbx\tby\tbw\tbh\na.png\t0\t0\t1\t\n",
                "list.tsv:2: expected bh as a whole number from 1");
}

TEST_F(SampleListTest, TextFaultsNameTheLine) {
  ExpectRefused(
      "image\ra.png\r",
      "list.tsv:1: expected lines that end in \\n or \\r\\n, got a carriage return alone");
  ExpectRefused(std::string("image\na.png\nb\0.png\n", 19),
                "list.tsv:3: expected lines that end in \\n or \\r\\n, got a NUL byte");
  ExpectRefused("image\na\xFF.png\n", "list.tsv:2: expected UTF-8 text");
  ExpectRefused(std::string("\xFF\xFEi\0m\0", 6), "list.tsv:1: expected UTF-8 text, got UTF-16");
  ExpectRefused("\xEF\xBB\xBF", "expected a header line");
}

TEST_F(SampleListTest, TextAsAnyEditorSavesIt) {
  for (const char* text :
       {"\xEF\xBB\xBFimage\tlabel\na.png\tgood\n", "image\tlabel\r\na.png\tgood\r\n",
        "\xEF\xBB\xBFimage\tlabel\r\na.png\tgood"}) {
    const auto rows = LoadSamples(Write(text), "", kLabels);
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ((*rows)[0].label, "good");
  }
}

constexpr const char* kDecomposed =
    "Lo\xCC\x88tbru\xCC\x88"
    "cke";
constexpr const char* kComposed =
    "L\xC3\xB6tbr\xC3\xBC"
    "cke";

TEST_F(SampleListTest, OneClassWhateverTheFormOfUnicode) {
  for (const char* form : {kComposed, kDecomposed}) {
    Touch(std::string("d/train/") + form + "/1.png");
    Touch(std::string("d/test/") + (form == kComposed ? kDecomposed : kComposed) + "/1.png");
    const std::vector<bundle::Label> labels = {{"good", true}, {bundle::OneForm(form), false}};
    const auto rows = LoadSamples(folder_ / "d", "", labels);
    ASSERT_TRUE(rows) << rows.error().message;
    for (const SampleRow& row : *rows) EXPECT_EQ(row.label, labels[1].name);
    // The path in the list is written in the other form than the one on the disk.
    Touch(std::string("e/") + kComposed + ".png");
    const auto listed = LoadSamples(
        Write(std::string("image\tlabel\ne/") + kDecomposed + ".png\t" + form + "\n"), "", labels);
    ASSERT_TRUE(listed) << listed.error().message;
    EXPECT_TRUE(fs::exists((*listed)[0].image));
  }
}

TEST_F(SampleListTest, SplitsUnderTheirUsualNames) {
  for (const char* name : {"d/Training/open/1.png", "d/valid/open/1.png", "d/TEST/open/1.png"}) {
    Touch(name);
  }
  for (const char* split : {"train", "val", "test"}) {
    const auto rows = LoadSamples(folder_ / "d", split, kLabels);
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(rows->size(), 1u) << split;
  }
  const auto listed = LoadSamples(Write("image\tsplit\na.png\tValidation\n"), "val", kLabels);
  ASSERT_TRUE(listed) << listed.error().message;
  Touch("d/val/good/1.png");
  const auto twice = LoadSamples(folder_ / "d", "", kLabels);
  ASSERT_FALSE(twice);
  EXPECT_NE(twice.error().message.find("one folder of the split val, got \"val\" and \"valid\""),
            std::string::npos)
      << twice.error().message;
}

TEST_F(SampleListTest, PartsMayBeCalledValidAndInvalid) {
  Touch("d/valid/1.png");
  Touch("d/invalid/1.png");
  EXPECT_TRUE(LoadSamples(folder_ / "d", "", {{"valid", true}, {"invalid", false}}));
}

TEST_F(SampleListTest, WhatArchivesAndSystemsLeaveIsNoSample) {
  for (const char* name :
       {"d/train/good/1.png", "d/test/good/1.png", "d/__MACOSX/train/good/1.png",
        "d/train/good/._1.png", "d/train/good/__MACOSX/._1.png", "d/test/@eaDir/1.png",
        "d/.DS_Store", "d/train/.DS_Store", "d/train/good/Thumbs.db", "d/test/good/desktop.ini"}) {
    Touch(name);
  }
  const auto rows = LoadSamples(folder_ / "d", "", kLabels);
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->size(), 2u);
}

TEST_F(SampleListTest, FilesMayHaveOtherBytesInTheirNamesClassesMayNot) {
  Touch(
      "d/good/Pr\xFC"
      "fling.png");
  const auto rows = LoadSamples(folder_ / "d", "", kLabels);
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_TRUE(fs::exists((*rows)[0].image));
  Touch("d/L\xF6t/1.png");
  const auto refused = LoadSamples(folder_ / "d", "", kLabels);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("expected class folders named in UTF-8, got \"L?t\""),
            std::string::npos)
      << refused.error().message;
}

TEST_F(SampleListTest, MissingListIsNotFound) {
  const auto rows = LoadSamples(folder_ / "no.tsv", "", kLabels);
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, ErrorCode::kNotFound);
}

TEST_F(SampleListTest, FolderOfSplits) {
  for (const char* name :
       {"d/train/open/2.png", "d/train/good/x.PNG", "d/test/good/1.jpeg", "d/test/good/notes.txt",
        "d/test/good/.hidden.png", "d/val/good-b/1.png", "d/val/good/2.jpg"}) {
    Touch(name);
  }
  std::vector<bundle::Label> labels = kLabels;
  labels.push_back({"good-b", true});
  const auto rows = LoadSamples(folder_ / "d", "", labels);
  ASSERT_TRUE(rows) << rows.error().message;
  std::vector<std::string> parts;
  for (const SampleRow& row : *rows) parts.push_back(row.part);
  // Bytewise by the whole path: '-' stands before '/'.
  EXPECT_EQ(parts,
            (std::vector<std::string>{"test/good/1.jpeg", "train/good/x.PNG", "train/open/2.png",
                                      "val/good-b/1.png", "val/good/2.jpg"}));
  EXPECT_EQ((*rows)[2].label, "open");
  EXPECT_EQ((*rows)[2].split, "train");
  EXPECT_EQ((*rows)[2].image, folder_ / "d/train/open/2.png");
  EXPECT_EQ((*rows)[4].row, 5u);
  EXPECT_EQ(LoadSamples(folder_ / "d", "val", labels)->size(), 2u);
  EXPECT_FALSE(LoadSamples(folder_ / "d", "", kLabels));  // good-b is unknown
}

TEST_F(SampleListTest, FolderWithoutSplitsIsTrain) {
  Touch("d/good/1.png");
  Touch("d/open/1.png");
  const auto rows = LoadSamples(folder_ / "d", "train", kLabels);
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->size(), 2u);
  EXPECT_FALSE(LoadSamples(folder_ / "d", "test", kLabels));
}

TEST_F(SampleListTest, FilesOfOtherKindsAreNamed) {
  for (const char* name :
       {"d/train/good/1.bmp", "d/train/good/2.TIF", "d/train/good/3.tiff", "d/train/good/b.webp",
        "d/train/good/a.txt", "d/test/open/1.png", "d/test/open/2.gif", "d/test/open/.hidden"}) {
    Touch(name);
  }
  EXPECT_EQ(LoadSamples(folder_ / "d", "", kLabels)->size(), 4u);
  using Names = std::vector<std::string>;
  EXPECT_EQ(FilesLeftOut(folder_ / "d", ""),
            (Names{"test/open/2.gif", "train/good/a.txt", "train/good/b.webp"}));
  EXPECT_EQ(FilesLeftOut(folder_ / "d", "test"), Names{"test/open/2.gif"});
  EXPECT_EQ(FilesLeftOut(folder_ / "d/train", "train"), (Names{"good/a.txt", "good/b.webp"}));
  EXPECT_EQ(LeftOutText("d", {"a.gif"}),
            "d: left out 1 file that is no PNG, JPEG, BMP or TIFF: a.gif");
  EXPECT_EQ(LeftOutText("d", Names(22, "x")).find("left out 22 files that are"), 3u);
  EXPECT_TRUE(LeftOutText("d", Names(22, "x")).ends_with(" and 2 more"));
}

TEST_F(SampleListTest, FolderFaults) {
  const auto expect = [&](const std::string& folder, std::string_view words) {
    const auto rows = LoadSamples(folder_ / folder, "", kLabels);
    ASSERT_FALSE(rows) << words;
    EXPECT_NE(rows.error().message.find(words), std::string::npos) << rows.error().message;
  };
  fs::create_directories(folder_ / "empty");
  expect("empty", "expected images as SPLIT/CLASS/image.png");
  Touch("mixed/train/good/1.png");
  Touch("mixed/good/1.png");
  expect("mixed", "or classes only, got \"good\" beside a split");
  Touch("stray/good/1.png");
  Touch("stray/1.png");
  expect("stray", "got the image \"1.png\"; move it");
  Touch("deep/train/good/more/1.png");
  expect("deep", "got the folder \"more\"");
}

}  // namespace
}  // namespace taktgate::samples
