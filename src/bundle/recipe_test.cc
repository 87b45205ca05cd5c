#include "bundle/recipe.h"

#include <gtest/gtest.h>

#include "bundle/test_bundle.h"

namespace taktgate::bundle {
namespace {

using testing::AsBytes;
using testing::kRecipeJson;
using testing::Replaced;

Result<Recipe> Parse(const std::string& text) { return ParseRecipe(AsBytes(text), "recipe.json"); }

std::string With(std::string_view from, std::string_view to) {
  return Replaced(std::string(kRecipeJson), from, to);
}

void ExpectRefused(const std::string& text, std::string_view words) {
  const auto recipe = Parse(text);
  ASSERT_FALSE(recipe) << text;
  EXPECT_EQ(recipe.error().message.find("recipe.json: "), 0u);
  EXPECT_NE(recipe.error().message.find(words), std::string::npos) << recipe.error().message;
}

std::string WithWindows(int count) {
  std::string windows;
  for (int i = 0; i < count; ++i) {
    windows += (i == 0 ? "" : ",") +
               (R"({"name": "w)" + std::to_string(i) + R"(", "x": 0, "y": 0, "w": 1, "h": 1})");
  }
  std::string text(kRecipeJson);
  const std::size_t from = text.find("[{");
  return text.replace(from, text.find("}]") + 2 - from, "[" + windows + "]");
}

TEST(RecipeTest, EveryFieldArrives) {
  const auto recipe = Parse(std::string(kRecipeJson));
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->frame->width, 96);
  EXPECT_EQ(recipe->frame->height, 80);
  EXPECT_EQ(recipe->golden_member, "golden.png");
  ASSERT_EQ(recipe->windows.size(), 2u);
  EXPECT_EQ(recipe->windows[0].name, "left");
  EXPECT_EQ(recipe->windows[1].rect, (image::Rect{32, 32, 64, 48}));
  EXPECT_EQ(recipe->alignment->max_shift, 16);
  EXPECT_EQ(recipe->alignment->min_score, 0.6);
  EXPECT_EQ(recipe->thresholds.pass_at_most, 0.25);
  EXPECT_EQ(recipe->thresholds.fail_at_least, 0.5);
}

constexpr std::string_view kHealth =
    R"("health": {"brightness": {"low": 40, "high": 200.5}, "contrast": {"low": 10, "high": 90},
       "sharpness": {"low": 0.05, "high": 1}}, )";

TEST(RecipeTest, HealthIsOptionalAndMayBeNull) {
  EXPECT_FALSE(Parse(std::string(kRecipeJson))->health);
  EXPECT_FALSE(Parse(With("\"thresholds\"", "\"health\": null, \"thresholds\""))->health);
  const auto recipe = Parse(With("\"thresholds\"", std::string(kHealth) + "\"thresholds\""));
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->health->brightness.high, 200.5);
  EXPECT_EQ(recipe->health->contrast.low, 10);
  EXPECT_EQ(recipe->health->sharpness.low, 0.05);
}

TEST(RecipeTest, HealthThatIsWrongIsRefused) {
  const auto with = [](std::string_view from, std::string_view to) {
    return With("\"thresholds\"", Replaced(std::string(kHealth), from, to) + "\"thresholds\"");
  };
  ExpectRefused(with("\"low\": 40", "\"low\": 201"),
                "health.brightness.low: expected a number not above high");
  ExpectRefused(with("\"high\": 90", "\"high\": 256"), "health.contrast.high");
  ExpectRefused(with("\"sharpness\"", "\"focus\""), "health");
  ExpectRefused(with("\"low\": 0.05", "\"low\": \"0\""), "health.sharpness.low");
}

TEST(RecipeTest, WholeFrameOfAnySize) {
  const auto recipe =
      Parse(R"({"schema": 1, "frame": null, "golden": null, "windows": "whole_frame",
      "alignment": null, "thresholds": {"pass_at_most": 0, "fail_at_least": 1}})");
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_FALSE(recipe->frame);
  EXPECT_TRUE(recipe->golden_member.empty());
  EXPECT_TRUE(recipe->windows.empty());
  EXPECT_FALSE(recipe->alignment);
}

TEST(RecipeTest, OneToSixtyFourWindows) {
  EXPECT_EQ(Parse(WithWindows(64))->windows.size(), 64u);
  EXPECT_TRUE(Parse(WithWindows(1)));
  ExpectRefused(WithWindows(0), "windows: expected an array of 1 to 64, got an array of 0");
  ExpectRefused(WithWindows(65), "windows: expected an array of 1 to 64, got an array of 65");
}

TEST(RecipeTest, WindowsLieInsideTheFrame) {
  ExpectRefused(With("\"x\": 32", "\"x\": 33"),
                "windows[1].w: expected a whole number from 1 to 63, got 64");
  ExpectRefused(With("\"y\": 32", "\"y\": 33"),
                "windows[1].h: expected a whole number from 1 to 47, got 48");
  ExpectRefused(With("\"x\": 32", "\"x\": 96"),
                "windows[1].x: expected a whole number from 0 to 95");
  ExpectRefused(With("\"x\": 32", "\"x\": -1"),
                "windows[1].x: expected a whole number from 0 to 95");
  ExpectRefused(With("\"w\": 64, \"h\": 48},", "\"w\": 0, \"h\": 48},"), "windows[0].w: expected");
  ExpectRefused(With("\"x\": 32", "\"x\": 9223372036854775807"), "windows[1].x: expected");
}

TEST(RecipeTest, WindowNames) {
  ExpectRefused(With("right", "left"), "windows[1].name: expected every name once");
  ExpectRefused(With("right", "Right"), "windows[1].name: expected a name [a-z0-9_-]{1,32}");
  ExpectRefused(With("right", ""), "windows[1].name: expected a name");
  ExpectRefused(With("right", std::string(33, 'r')), "windows[1].name: expected a name");
}

TEST(RecipeTest, AlignmentNeedsGoldenAndFrame) {
  ExpectRefused(With("\"golden.png\"", "null"),
                "alignment: expected null where there is no golden image");
  ExpectRefused(With("{\"width\": 96, \"height\": 80}", "null"),
                "alignment: expected null where the frame has no fixed size");
  ExpectRefused(With("profiles", "magic"), "alignment.method: expected \"profiles\"");
  ExpectRefused(With("16", "17"), "alignment.max_shift: expected a whole number from 1 to 16");
  ExpectRefused(With("16", "0"), "alignment.max_shift: expected a whole number from 1 to 16");
  ExpectRefused(With("0.6", "1.1"), "alignment.min_score: expected a number from 0 to 1");
}

TEST(RecipeTest, Thresholds) {
  ExpectRefused(With("0.25", "0.75"),
                "thresholds.pass_at_most: expected a number not above fail_at_least");
  ExpectRefused(With("0.25", "-0.1"), "thresholds.pass_at_most: expected a number from 0 to 1");
  ExpectRefused(With("0.5}", "1.5}"), "thresholds.fail_at_least: expected a number from 0 to 1");
  ExpectRefused(With(", \"fail_at_least\": 0.5", ""),
                "thresholds.fail_at_least: expected a number from 0 to 1, got nothing");
  EXPECT_TRUE(Parse(With("0.25", "0.5")));
}

TEST(RecipeTest, OtherFaults) {
  ExpectRefused(With("\"width\": 96", "\"width\": 8193"),
                "frame.width: expected a whole number from 1 to 8192");
  ExpectRefused(With("\"golden.png\"", "\"../golden.png\""),
                "golden: expected null or a member's name");
  ExpectRefused(With("\"golden.png\"", "7"), "golden: expected text, got 7");
  ExpectRefused(With("\"golden\": \"golden.png\",", ""), "golden: expected a value, got nothing");
  ExpectRefused(With("\"schema\": 1", "\"schema\": 1, \"speed\": 1"), "got the key \"speed\"");
  ExpectRefused(With("\"w\": 64", "\"z\": 64"), "got the key \"z\"");
  std::string text(kRecipeJson);
  const std::size_t from = text.find("[{");
  ExpectRefused(text.replace(from, text.find("}]") + 2 - from, "\"all\""),
                "windows: expected 1 to 64 windows or \"whole_frame\", got \"all\"");
}

}  // namespace
}  // namespace taktgate::bundle
