#include "bundle/contract_json.h"

#include <gtest/gtest.h>

#include "bundle/test_bundle.h"

namespace taktgate::bundle {
namespace {

using testing::AsBytes;
using testing::kContractJson;
using testing::Replaced;

void ExpectRefused(std::string_view from, std::string_view to, std::string_view words) {
  const std::string text = Replaced(std::string(kContractJson), from, to);
  const auto contract = ParseContract(AsBytes(text), "contract.json");
  ASSERT_FALSE(contract) << to;
  EXPECT_EQ(contract.error().message.find("contract.json: "), 0u);
  EXPECT_NE(contract.error().message.find(words), std::string::npos) << contract.error().message;
}

TEST(ContractTest, EveryFieldArrives) {
  const auto contract = ParseContract(AsBytes(kContractJson), "contract.json");
  ASSERT_TRUE(contract) << contract.error().message;
  const image::InputContract& input = contract->input;
  EXPECT_EQ(input.tensor_name, "input");
  EXPECT_EQ(input.width, 64);
  EXPECT_EQ(input.height, 48);
  EXPECT_EQ(input.channels, image::PixelFormat::kGrey8);
  EXPECT_TRUE(input.golden);
  EXPECT_EQ(input.channel_count(), 2);
  EXPECT_EQ(input.resize, image::Resize::kArea);
  EXPECT_EQ(input.scale, (std::vector<double>{0.0078125, 0.0078125}));
  EXPECT_EQ(input.offset, (std::vector<double>{-1, -1}));
  EXPECT_EQ(contract->logits_name, "logits");
}

TEST(ContractTest, RgbWithoutGoldenHasThreeChannels) {
  std::string text = Replaced(std::string(kContractJson), "grey", "rgb");
  text = Replaced(text, "true", "false");
  text = Replaced(text, "area", "bilinear");
  text = Replaced(text, "[0.0078125, 0.0078125]", "[1, 2, 3]");
  text = Replaced(text, "[-1.0, -1]", "[0, 0, 0]");
  const auto contract = ParseContract(AsBytes(text), "contract.json");
  ASSERT_TRUE(contract) << contract.error().message;
  EXPECT_EQ(contract->input.channel_count(), 3);
  EXPECT_EQ(contract->input.resize, image::Resize::kBilinear);
}

constexpr std::string_view kExtra = R"({"name": "logits", "role": "logits"},
  {"name": "map", "role": "class_map", "width": 7, "height": 5, "scale": 0.5, "zero_point": 128},
  {"name": "pooled", "role": "embedding", "size": 576, "scale": 0.25, "zero_point": 0})";

TEST(ContractTest, LetterboxAndExtraOutputsArrive) {
  std::string text =
      Replaced(std::string(kContractJson), "\"area\"", "\"area\", \"fit\": \"letterbox\"");
  text = Replaced(text, "{\"name\": \"logits\", \"role\": \"logits\"}", kExtra);
  const auto contract = ParseContract(AsBytes(text), "contract.json");
  ASSERT_TRUE(contract) << contract.error().message;
  EXPECT_EQ(contract->input.fit, image::Fit::kLetterbox);
  EXPECT_EQ(contract->logits_name, "logits");
  ASSERT_EQ(contract->extra_outputs.size(), 2u);
  const ExtraOutput& map = contract->extra_outputs[0];
  EXPECT_EQ(map.name, "map");
  EXPECT_EQ(map.role, OutputRole::kClassMap);
  EXPECT_EQ(map.width, 7);
  EXPECT_EQ(map.height, 5);
  EXPECT_EQ(map.scale, 0.5);
  EXPECT_EQ(map.zero_point, 128);
  EXPECT_EQ(contract->extra_outputs[1].role, OutputRole::kEmbedding);
  EXPECT_EQ(contract->extra_outputs[1].size(), 576u);
}

TEST(ContractTest, WrongExtraOutputsAreNamed) {
  const auto refused = [](std::string_view from, std::string_view to, std::string_view words) {
    ExpectRefused("{\"name\": \"logits\", \"role\": \"logits\"}",
                  Replaced(std::string(kExtra), from, to), words);
  };
  refused("\"role\": \"logits\"", "\"role\": \"logits\", \"size\": 2",
          "outputs[0].size: expected no such key with the role \"logits\"");
  refused("\"width\": 7", "\"width\": 7, \"size\": 2", "outputs[1].size: expected no such key");
  refused("\"width\": 7, ", "", "outputs[1].width: expected a whole number from 1 to 320");
  refused("\"scale\": 0.5", "\"scale\": 0", "outputs[1].scale: expected a number above 0");
  refused("128", "256", "outputs[1].zero_point: expected a whole number from 0 to 255, got 256");
  refused("embedding", "logits", "outputs[2].role: expected every role once");
  refused("pooled", "map", "outputs[2].name: expected a name of its own");
  refused(
      "\"name\": \"logits\", \"role\": \"logits\"",
      "\"name\": \"m\", \"role\": \"channel_means\", \"size\": 4, \"scale\": 1, \"zero_point\": 0",
      "outputs: expected the role \"logits\", got none");
}

TEST(ContractTest, WhatIsWrongIsNamed) {
  ExpectRefused("64", "7", "input.width: expected a whole number from 32 to 320, got 7");
  ExpectRefused("64", "321", "input.width: expected a whole number from 32 to 320, got 321");
  ExpectRefused("48", "31", "input.height: expected a whole number from 32 to 320, got 31");
  ExpectRefused("48", "48.5", "input.height: expected a whole number");
  ExpectRefused("grey", "bgr", "input.channels: expected \"grey\" or \"rgb\", got \"bgr\"");
  ExpectRefused("true", "1", "input.golden: expected true or false, got 1");
  ExpectRefused("area", "nearest",
                "input.resize: expected \"area\" or \"bilinear\" or \"antialias\"");
  ExpectRefused("\"area\"", "\"area\", \"fit\": \"crop\"",
                "input.fit: expected \"stretch\" or \"letterbox\", got \"crop\"");
  ExpectRefused("[0.0078125, 0.0078125]", "[0.0078125]",
                "input.scale: expected an array of 2, got an array of 1");
  ExpectRefused("[-1.0, -1]", "[-1, -1, -1]",
                "input.offset: expected an array of 2, got an array of 3");
  ExpectRefused("[-1.0, -1]", "[-1, \"-1\"]", "input.offset: expected numbers");
  ExpectRefused("[-1.0, -1]", "[-1, 1e39]", "fit float32");
  ExpectRefused("[0.0078125, 0.0078125]", "[0.1, 1e308]", "fit float32");
  ExpectRefused("[-1.0, -1]", "[-1, 1e400]", "fit a double");
  ExpectRefused("[-1.0, -1]", "[-1, NaN]", "expected strict JSON");
  ExpectRefused("\"name\": \"input\"", "\"name\": \"\"", "input.name: expected a tensor's name");
  ExpectRefused("{\"name\": \"logits\", \"role\": \"logits\"}", "",
                "outputs: expected an array of 1 to 4");
  ExpectRefused("\"role\": \"logits\"", "\"role\": \"boxes\"",
                "outputs[0].role: expected \"logits\"");
  ExpectRefused("\"name\": \"logits\", ", "", "outputs[0].name: expected text, got nothing");
  ExpectRefused("{\"name\": \"logits\",", "{\"nam\": \"logits\",", "got the key \"nam\"");
  ExpectRefused("\"width\": 64, ", "",
                "input.width: expected a whole number from 32 to 320, got nothing");
  ExpectRefused("\"schema\": 1", "\"schema\": 1, \"labels\": []", "got the key \"labels\"");
  ExpectRefused("\"schema\": 1", "\"schema\": 3", "a newer format");
}

}  // namespace
}  // namespace taktgate::bundle
