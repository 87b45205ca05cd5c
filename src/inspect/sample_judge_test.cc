#include "inspect/sample_judge.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json_text.h"
#include "base/test_tree.h"
#include "image/decode.h"
#include "inspect/sample_report.h"
#include "inspect/test_release.h"

namespace taktgate::inspect {
namespace {

using nlohmann::ordered_json;

// Frames of 64 x 48 with two windows: bright ones are bad (test_release.h).
class SampleJudgeTest : public ::testing::Test {
 protected:
  samples::SampleRow Frame(const std::string& name, std::uint8_t left, std::uint8_t right,
                           const std::string& label = "") {
    const auto png = image::EncodePng(testing::SmallFrame(left, right).View());
    EXPECT_TRUE(png);
    samples::SampleRow row;
    row.image = tree.root() / name;
    row.label = label;
    row.row = ++rows;
    EXPECT_TRUE(WriteFile(row.image, {reinterpret_cast<const char*>(png->data()), png->size()}));
    return row;
  }
  judge::Verdict VerdictOf(const samples::SampleRow& row) {
    const auto judged = judge.Judge(row);
    EXPECT_TRUE(judged) << judged.error().message;
    return judged ? (*judged)->part.verdict : judge::Verdict::kUnknown;
  }
  std::string Refused(const samples::SampleRow& row) {
    const auto judged = judge.Judge(row);
    return judged ? "judged" : judged.error().message;
  }

  taktgate::testing::Tree tree;
  std::uint64_t rows = 0;
  std::unique_ptr<Inspector> inspector = testing::SmallInspector();
  SampleJudge judge{*inspector};
};

TEST_F(SampleJudgeTest, AWholeFrameIsJudgedByAllItsWindows) {
  EXPECT_EQ(VerdictOf(Frame("good.png", 10, 10)), judge::Verdict::kPass);
  EXPECT_EQ(VerdictOf(Frame("bad.png", 10, 200)), judge::Verdict::kFail);
  EXPECT_EQ(judge.counts().images, 2U);
  EXPECT_EQ(judge.counts().windows, 4U);
  EXPECT_EQ(judge.counts().verdicts.at("pass"), 1U);
  EXPECT_EQ(judge.counts().verdicts.at("fail"), 1U);
  EXPECT_EQ(judge.counts().image_times.count(), 2U);
}

TEST_F(SampleJudgeTest, AWindowIsJudgedAlone) {
  samples::SampleRow row = Frame("half.png", 10, 200);
  row.window = image::Rect{0, 8, 32, 32};
  EXPECT_EQ(VerdictOf(row), judge::Verdict::kPass);
  row.window = image::Rect{32, 8, 32, 32};
  EXPECT_EQ(VerdictOf(row), judge::Verdict::kFail);
  row.window = image::Rect{40, 8, 16, 16};
  EXPECT_EQ(VerdictOf(row), judge::Verdict::kFail) << "of another size than the recipe's";
  EXPECT_EQ(judge.counts().windows, 3U);
}

TEST_F(SampleJudgeTest, WhatCannotBeJudgedIsCountedAndIsUnknown) {
  samples::SampleRow row = Frame("half.png", 10, 200);
  row.window = image::Rect{40, 8, 32, 32};
  EXPECT_NE(Refused(row), "judged") << "beyond the edge";
  row.image = tree.root() / "none.png";
  EXPECT_NE(Refused(row).find("none.png"), std::string::npos);
  EXPECT_EQ(judge.counts().images, 2U);
  EXPECT_EQ(judge.counts().refused, 2U);
  EXPECT_EQ(judge.counts().verdicts.at("unknown"), 2U);
  EXPECT_EQ(judge.counts().windows, 0U);
  EXPECT_EQ(judge.accuracy().labelled(), 0U);
}

TEST_F(SampleJudgeTest, AFrameOfAnotherSizeIsRefused) {
  const image::Image small{std::vector<std::uint8_t>(32 * 32, 9), 32, 32,
                           image::PixelFormat::kGrey8};
  const auto png = image::EncodePng(small.View());
  ASSERT_TRUE(png);
  samples::SampleRow row;
  row.image = tree.root() / "small.png";
  ASSERT_TRUE(WriteFile(row.image, {reinterpret_cast<const char*>(png->data()), png->size()}));
  EXPECT_NE(Refused(row).find("64"), std::string::npos);
}

TEST_F(SampleJudgeTest, AGoldenImageThatCannotBeReadIsNamedAsThat) {
  samples::SampleRow row = Frame("good.png", 10, 10);
  row.window = image::Rect{0, 0, 32, 32};
  row.golden = tree.root() / "gold.png";
  EXPECT_NE(Refused(row).find("golden image: "), std::string::npos);
}

TEST_F(SampleJudgeTest, AccuracyIsThatOfTheLabelledOnes) {
  VerdictOf(Frame("a.png", 10, 10, "good"));
  VerdictOf(Frame("b.png", 200, 10, "bad"));
  VerdictOf(Frame("c.png", 10, 10, "bad"));    // missed
  VerdictOf(Frame("d.png", 10, 200, "good"));  // rejected for nothing
  VerdictOf(Frame("e.png", 10, 10));
  VerdictOf(Frame("f.png", 10, 10, "rust"));  // no label of this release
  EXPECT_EQ(judge.accuracy().labelled(), 4U);
  EXPECT_EQ(judge.accuracy().right_class(), 2U);
  EXPECT_EQ(judge.accuracy().missed(), 1U);
  EXPECT_EQ(judge.accuracy().false_rejects(), 1U);
}

class SampleReportTest : public SampleJudgeTest {
 protected:
  std::string Text(const samples::SampleRow& row) {
    const auto judged = judge.Judge(row);
    EXPECT_TRUE(judged);
    return SampleText(judge.release(), row, **judged);
  }
  ordered_json Json(const samples::SampleRow& row) {
    const auto judged = judge.Judge(row);
    const Inspection nothing;
    const std::string line = SampleJson(judge.release(), row, judged ? **judged : nothing,
                                        judged ? "" : judged.error().message);
    EXPECT_EQ(line.find('\n'), line.size() - 1) << "one line";
    return LooseJson(line);
  }
  static void ExpectWords(const std::string& text, std::initializer_list<const char*> words) {
    for (const char* word : words) EXPECT_NE(text.find(word), std::string::npos) << text;
  }
};

TEST_F(SampleReportTest, ALineOfTextHasVerdictClassScoreAndLabel) {
  const std::string text = Text(Frame("bad.png", 10, 200, "good"));
  EXPECT_EQ(text.rfind("fail     bad ", 0), 0U) << text;
  ExpectWords(text, {"score 0.9997", "bad.png  (labelled good)\n"});
  EXPECT_EQ(Text(Frame("good.png", 10, 10)).find("labelled"), std::string::npos);
}

TEST_F(SampleReportTest, ALineOfJsonHasEachWindow) {
  const ordered_json line = Json(Frame("bad.png", 10, 200, "good"));
  EXPECT_EQ(line.value("kind", ""), "image");
  EXPECT_EQ(line.value("row", 0), 1);
  EXPECT_EQ(line.value("label", ""), "good");
  EXPECT_EQ(line.value("verdict", ""), "fail");
  EXPECT_EQ(line.value("class", ""), "bad");
  EXPECT_EQ(line.value("reason", ""), "defect");
  EXPECT_TRUE(line.at("shift").is_null()) << "this recipe does not align";
  ASSERT_EQ(line.at("windows").size(), 2U);
  EXPECT_EQ(line["windows"][0].value("name", ""), "left");
  EXPECT_EQ(line["windows"][0].value("class", ""), "good");
  EXPECT_EQ(line["windows"][1].value("name", ""), "right");
  EXPECT_EQ(JsonText(line["windows"][1]["logits"]), "[-4.0,4.0]");
  EXPECT_FALSE(line.contains("error"));
}

TEST_F(SampleReportTest, APassHasNoReasonAndAnUnlabelledImageNoLabel) {
  const ordered_json line = Json(Frame("good.png", 10, 10));
  EXPECT_TRUE(line.at("reason").is_null());
  EXPECT_TRUE(line.at("label").is_null());
}

TEST_F(SampleReportTest, AWindowOfAListHasNoNameOfTheRecipe) {
  samples::SampleRow row = Frame("half.png", 10, 200);
  row.window = image::Rect{32, 8, 32, 32};
  const ordered_json line = Json(row);
  ASSERT_EQ(line.at("windows").size(), 1U);
  EXPECT_TRUE(line["windows"][0].at("name").is_null());
}

TEST_F(SampleReportTest, ARefusedImageSaysWhyAndHasNoClass) {
  samples::SampleRow row;
  row.image = tree.root() / "none.png";
  const ordered_json line = Json(row);
  EXPECT_EQ(line.value("verdict", ""), "unknown");
  EXPECT_TRUE(line.at("class").is_null());
  ExpectWords(line.value("error", ""), {"none.png"});
  EXPECT_TRUE(line.at("windows").empty());
}

TEST_F(SampleReportTest, ASummaryWithoutLabelsSaysNothingOfAccuracy) {
  VerdictOf(Frame("a.png", 10, 10));
  const std::string text = SummaryText(judge, 0);
  ExpectWords(text, {"images 1, windows 2, pass 1; per image "});
  EXPECT_EQ(text.find("interval"), std::string::npos);
  EXPECT_EQ(text.find("left out"), std::string::npos);
  const ordered_json json = LooseJson(SummaryJson(judge, 0));
  EXPECT_EQ(json.value("release", ""), std::string(64, 'a'));
  for (const char* key : {"accuracy", "accuracy_95", "binary_accuracy", "missed", "confusion"}) {
    EXPECT_TRUE(json.at(key).is_null()) << key;
  }
}

TEST_F(SampleReportTest, ASummaryGivesSharesWithTheirIntervals) {
  for (int k = 0; k < 3; ++k) VerdictOf(Frame("a.png", 10, 10, "good"));
  VerdictOf(Frame("b.png", 10, 10, "bad"));
  const std::string text = SummaryText(judge, 5);
  ExpectWords(text, {"images 4, windows 8, pass 4, left out 5", "good or defect       75.000 %",
                     "(3 of 4)", "missed defects      100.000 %", "(1 of 1)",
                     "false rejects         0.000 %", "(0 of 3)", "truth \\ class"});
  const ordered_json json = LooseJson(SummaryJson(judge, 5));
  EXPECT_EQ(json.value("binary_accuracy", 0.0), 0.75);
  EXPECT_EQ(json.value("accuracy", 0.0), 0.75);
  EXPECT_LT(json["accuracy_95"][0], 0.75);
  EXPECT_GT(json["accuracy_95"][1], 0.75);
  EXPECT_EQ(json.value("missed", 0), 1);
  EXPECT_EQ(json.value("false_rejects", 9), 0);
  EXPECT_EQ(json.value("good", 0), 3);
  EXPECT_EQ(json.value("left_out", 0), 5);
  EXPECT_EQ(JsonText(json.at("confusion")), "[[3,0],[1,0]]");
}

// Of good ones alone nothing is known about missed defects, and the other way round.
TEST_F(SampleReportTest, AShareOfNothingIsNotShown) {
  VerdictOf(Frame("a.png", 10, 10, "good"));
  const std::string text = SummaryText(judge, 0);
  EXPECT_EQ(text.find("missed defects"), std::string::npos) << text;
  EXPECT_NE(text.find("false rejects"), std::string::npos) << text;
}

}  // namespace
}  // namespace taktgate::inspect
