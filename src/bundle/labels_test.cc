#include "bundle/labels.h"

#include <gtest/gtest.h>

#include "bundle/test_bundle.h"

namespace taktgate::bundle {
namespace {

using testing::AsBytes;
using testing::kLabelsJson;
using testing::Replaced;

void ExpectRefused(const std::string& text, std::string_view words) {
  const auto labels = ParseLabels(AsBytes(text), "labels.json");
  ASSERT_FALSE(labels) << text;
  EXPECT_NE(labels.error().message.find(words), std::string::npos) << labels.error().message;
}

std::string WithCount(int count) {
  std::string text = R"({"schema": 1, "labels": [)";
  for (int i = 0; i < count; ++i) {
    text += (i == 0 ? "" : ",") + (R"({"name": "c)" + std::to_string(i) + R"(", "pass": )" +
                                   (i == 0 ? "true}" : "false}"));
  }
  return text + "]}";
}

TEST(LabelsTest, OrderAndFlagsAreKept) {
  const auto labels = ParseLabels(AsBytes(kLabelsJson), "labels.json");
  ASSERT_TRUE(labels) << labels.error().message;
  ASSERT_EQ(labels->size(), 2u);
  EXPECT_EQ((*labels)[0].name, "good");
  EXPECT_TRUE((*labels)[0].pass);
  EXPECT_EQ((*labels)[1].name, "open");
  EXPECT_FALSE((*labels)[1].pass);
}

TEST(LabelsTest, TwoToThousand) {
  EXPECT_TRUE(ParseLabels(AsBytes(WithCount(2)), "labels.json"));
  EXPECT_TRUE(ParseLabels(AsBytes(WithCount(1000)), "labels.json"));
  ExpectRefused(WithCount(1), "labels: expected an array of 2 to 1000");
  ExpectRefused(WithCount(1001), "labels: expected an array of 2 to 1000");
}

// A release that can only release, or only reject, decides nothing.
TEST(LabelsTest, SomePassAndSomeFail) {
  const std::string right(kLabelsJson);
  ExpectRefused(Replaced(right, "\"pass\": false", "\"pass\": true"),
                "labels: expected at least one that passes and one that fails, got only such that "
                "pass (good, open)");
  ExpectRefused(Replaced(right, "\"pass\": true", "\"pass\": false"),
                "got only such that fail (good, open)");
  const auto many = ParseLabels(AsBytes(Replaced(WithCount(1000), "true", "false")), "labels.json");
  ASSERT_FALSE(many);
  EXPECT_NE(many.error().message.find("c18, c19 and 980 more), which"), std::string::npos);
}

TEST(LabelsTest, WhatIsWrongIsNamed) {
  const std::string right(kLabelsJson);
  ExpectRefused(Replaced(right, "open", "good"), "labels[1].name: expected every name once");
  ExpectRefused(Replaced(right, "open", ""), "labels[1].name: expected 1 to 128 bytes");
  ExpectRefused(Replaced(right, "open", std::string(129, 'x')),
                "labels[1].name: expected 1 to 128 bytes");
  ExpectRefused(Replaced(right, "open", "a\\tb"), "labels[1].name: expected 1 to 128 bytes");
  ExpectRefused(Replaced(right, "false", "0"), "labels[1].pass: expected true or false");
  ExpectRefused(Replaced(right, "\"pass\": false", "\"passes\": false"), "got the key \"passes\"");
  ExpectRefused(Replaced(right, ", \"pass\": false", ""),
                "labels[1].pass: expected true or false, got nothing");
  ExpectRefused(Replaced(right, "\"schema\": 1", "\"schema\": 2"), "a newer format");
  ExpectRefused("{", "expected strict JSON");
}

}  // namespace
}  // namespace taktgate::bundle
