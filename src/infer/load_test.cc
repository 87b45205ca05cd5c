#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "infer/load.h"
#include "infer/test_model.h"

namespace taktgate::infer {
namespace {

using testing::Attribute;
using testing::kFloat;
using testing::kInt64;
using testing::kLabels;
using testing::kPixels;
using testing::kSide;
using testing::LinearModel;
using testing::LogModel;
using testing::MapModel;
using testing::Node;
using testing::Proto;
using testing::ReleaseOf;
using testing::Tensor;
using testing::TestModel;
using testing::Value;

const LoadSettings kQuick = {1, 2};

void ExpectRefused(const bundle::Release& release, std::string_view words,
                   ErrorCode code = ErrorCode::kInvalid) {
  const auto classifier = Load(release, kQuick);
  ASSERT_FALSE(classifier) << words;
  const Error& error = classifier.error();
  EXPECT_EQ(error.code, code) << error.message;
  EXPECT_NE(error.message.find(words), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("expected "), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("; "), std::string::npos) << "no advice: " << error.message;
  EXPECT_EQ(error.message.find('\n'), std::string::npos);
}

void ExpectRefused(const TestModel& model, std::string_view words,
                   ErrorCode code = ErrorCode::kInvalid) {
  ExpectRefused(ReleaseOf(model), words, code);
}

TEST(LoadTest, RightModelIsReadyAndHoldsNoOldAnswer) {
  const auto classifier = Load(ReleaseOf(LinearModel()), kQuick);
  ASSERT_TRUE(classifier) << classifier.error().message;
  EXPECT_EQ((*classifier)->floats(0).size(), kPixels);
  ASSERT_EQ((*classifier)->logits(0).size(), kLabels);
  for (const float logit : (*classifier)->logits(0)) EXPECT_TRUE(std::isnan(logit));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>((*classifier)->floats(0).data()) % 64, 0u);
  EXPECT_EQ((*classifier)->description().find("ONNX Runtime 1."), 0u);
  EXPECT_NE((*classifier)->description().find(", 1 thread"), std::string::npos);
}

TEST(LoadTest, SettingsAreChecked) {
  const bundle::Release release = ReleaseOf(LinearModel());
  EXPECT_FALSE(Load(release, {0, 1}));
  EXPECT_FALSE(Load(release, {65, 1}));
  EXPECT_FALSE(Load(release, {1, 0}));
  EXPECT_NE((*Load(release, {2, 1}))->description().find(", 2 threads"), std::string::npos);
}

TEST(LoadTest, BytesThatAreNoModel) {
  bundle::Release release = ReleaseOf(LinearModel());
  const std::vector<std::uint8_t> right = release.model;
  release.model = {};
  ExpectRefused(release, "got one that none of them accepts", ErrorCode::kUnsupported);
  const std::string text = "this is no model, it is text";
  release.model.assign(text.begin(), text.end());
  ExpectRefused(release, "expected an ONNX model");
  release.model.assign(4096, 0);
  ExpectRefused(release, "expected an ONNX model");
  release.model.assign(4096, 0xFF);
  ExpectRefused(release, "expected an ONNX model");
  for (std::size_t size = 1; size < right.size(); size += 97) {
    release.model.assign(right.begin(), right.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(Load(release, kQuick)) << size;
  }
  release.model = {0x08, 0x08};  // a model of no graph
  ExpectRefused(release, "expected an ONNX model");
}

TEST(LoadTest, DamagedBytesNeverCrash) {
  const bundle::Release right = ReleaseOf(LinearModel());
  std::uint32_t state = 1;
  for (int round = 0; round < 300; ++round) {
    bundle::Release release = right;
    for (int i = 0; i < 4; ++i) {
      state = state * 1664525 + 1013904223;
      // The head and the tail hold the structure, the middle only weights.
      const std::size_t place = state >> 8 & 255;
      const std::size_t at = (state & 1) != 0 ? place : release.model.size() - 1 - place;
      release.model[at] = static_cast<std::uint8_t>(state >> 24);
    }
    (void)Load(release, {1, 1}).has_value();
  }
}

TEST(LoadTest, NamesMustBeThoseOfTheContract) {
  bundle::Release release = ReleaseOf(LinearModel());
  release.contract.input.tensor_name = "image";
  ExpectRefused(release, "model input: expected the name \"image\" of the contract, got \"input\"");
  release = ReleaseOf(LinearModel());
  release.contract.logits_name = "scores";
  ExpectRefused(release,
                "model output: expected the name \"scores\" of the contract, got \"logits\"");
}

TEST(LoadTest, ShapesMustBeThoseOfTheContract) {
  bundle::Release release = ReleaseOf(LinearModel());
  release.contract.input.width = 64;
  ExpectRefused(release, "model input \"input\": expected the shape [1, 1, 32, 64]");
  release = ReleaseOf(LinearModel());
  release.contract.input.golden = true;
  release.contract.input.scale = {1, 1};
  release.contract.input.offset = {0, 0};
  ExpectRefused(release,
                "expected the shape [1, 2, 32, 32] (batch, channels, height, width of the "
                "contract), got [1, 1, 32, 32]");
  release = ReleaseOf(LinearModel());
  release.labels.push_back({"spur", false});
  ExpectRefused(release,
                "model output \"logits\": expected the shape [1, 4] (batch, one logit per "
                "label), got [1, 3]");
}

TEST(LoadTest, DynamicShapesAreRefused) {
  TestModel model = LinearModel();
  model.inputs = {Value("input", kFloat, {0, 1, kSide, kSide})};
  model.outputs = {Value("logits", kFloat, {0, kLabels})};
  ExpectRefused(model,
                "expected the static shape [1, 1, 32, 32], got the dynamic shape [?, 1, 32, 32]");
  model = LinearModel();
  model.inputs = {Value("input", kFloat, {1, 1, 0, kSide})};
  ExpectRefused(model, "got the dynamic shape [1, 1, ?, 32]");
}

TEST(LoadTest, OnlyFloatTensors) {
  TestModel model = LinearModel();
  model.inputs = {Value("input", kInt64, {1, 1, kSide, kSide})};
  model.nodes.insert(model.nodes.begin(),
                     Node("Cast", {"input"}, {"input_f"}, {Attribute("to", kFloat)}));
  model.nodes[1] = Node("Flatten", {"input_f"}, {"flat"});
  ExpectRefused(model, "model input \"input\": expected float32, got element type 7");

  model = LinearModel();
  model.nodes[1] = Node("Gemm", {"flat", "w", "b"}, {"gemm"});
  model.nodes.push_back(Node("Cast", {"gemm"}, {"logits"}, {Attribute("to", kInt64)}));
  model.outputs = {Value("logits", kInt64, {1, kLabels})};
  ExpectRefused(model, "model output \"logits\": expected float32");
}

TEST(LoadTest, OneInputAndOneOutput) {
  TestModel model = LinearModel();
  model.nodes.push_back(Node("Identity", {"flat"}, {"features"}));
  model.outputs.push_back(Value("features", kFloat, {1, kPixels}));
  ExpectRefused(model, "expected 1 output as in the contract, got 2");

  model = LinearModel();
  model.inputs.push_back(Value("mask", kFloat, {1, kLabels}));
  model.nodes[1] = Node("Gemm", {"flat", "w", "b"}, {"gemm"});
  model.nodes.push_back(Node("Add", {"gemm", "mask"}, {"logits"}));
  ExpectRefused(model, "expected 1 input as in the contract, got 2");
}

bundle::ExtraOutput ClassMap(int width, int height) {
  return {"map", bundle::OutputRole::kClassMap, width, height, 0.5, 128};
}

TEST(LoadTest, ExtraOutputsOfTheContractAreChecked) {
  bundle::Release release = ReleaseOf(MapModel());
  release.contract.extra_outputs = {ClassMap(kSide, kSide)};
  const auto loaded = Load(release, {});
  ASSERT_TRUE(loaded) << loaded.error().message;

  release.contract.extra_outputs = {ClassMap(kSide, kSide / 2)};
  ExpectRefused(release,
                "model output \"map\": expected 512 values as in the contract, got the "
                "shape [1, 1, 32, 32]");
  release.contract.extra_outputs[0].name = "heat";
  ExpectRefused(release, "expected the name \"heat\" of the contract, got none");
  release.contract.extra_outputs = {};
  ExpectRefused(release, "expected 1 output as in the contract, got 2");

  release = ReleaseOf(LinearModel());
  release.contract.extra_outputs = {ClassMap(kSide, kSide)};
  ExpectRefused(release, "expected 2 outputs as in the contract, got 1");
  TestModel model = MapModel();
  model.outputs[0] = Value("map", kFloat, {1, 1, kSide, kSide});
  model.nodes[0] = Node("Identity", {"input"}, {"map"});
  release = ReleaseOf(model);
  release.contract.extra_outputs = {ClassMap(kSide, kSide)};
  ExpectRefused(release, "model output \"map\": expected a tensor of uint8, got another type");
}

// The runtime would read the file from the working folder; the file is there to prove that it is
// not asked.
TEST(LoadTest, ExternalDataIsRefused) {
  const std::string file = "taktgate_external_weights.bin";
  std::ofstream(file, std::ios::binary) << std::string(kLabels * sizeof(float), '\0');
  TestModel model = LinearModel();
  model.weights[1] = Proto().Int(1, kLabels).Int(2, kFloat).Text(8, "b");
  model.weights[1].Add(13, Proto().Text(1, "location").Text(2, file)).Int(14, 1);
  ExpectRefused(model, "got the tensor \"b\" with external data");

  // Hidden in a node's attribute.
  model = LinearModel();
  const Proto tensor = Proto().Int(1, kLabels).Int(2, kFloat).Text(8, "c").Int(14, 1);
  model.weights.pop_back();
  model.nodes.insert(
      model.nodes.begin(),
      Node("Constant", {}, {"b"}, {Proto().Text(1, "value").Add(5, tensor).Int(20, 4)}));
  ExpectRefused(model, "got the tensor \"c\" with external data");
  std::remove(file.c_str());
}

TEST(LoadTest, CustomOperatorsAreRefused) {
  TestModel model = LinearModel();
  model.foreign_domain = "my.company";
  model.nodes[0] = Node("Flatten", {"input"}, {"flat"}, {}, "my.company");
  ExpectRefused(
      model,
      "got the custom operator \"Flatten\" of the domain \"my.company\" in node \"Flatten_node\"",
      ErrorCode::kUnsupported);
  model = LinearModel();
  model.nodes[0] = Node("NoSuchOperator", {"input"}, {"flat"});
  ExpectRefused(model, "NoSuchOperator");
}

TEST(LoadTest, BrokenGraphsAreRefused) {
  TestModel model = LinearModel();
  model.weights.pop_back();
  ExpectRefused(model, "expected an ONNX model that the runtime can load");
  model = LinearModel();
  model.weights[0] = Tensor<float>("w", kFloat, {kPixels, kLabels}, {1.0F});  // too few values
  ExpectRefused(model, "expected an ONNX model that the runtime can load");
  model = LinearModel();
  model.weights[0] = Tensor<float>("w", kFloat, {1, kLabels}, {1, 2, 3});
  ExpectRefused(model, "expected ");
}

TEST(LoadTest, DeeplyNestedGraphsAreRefused) {
  Proto graph = LinearModel().Graph();
  for (int i = 0; i < 200; ++i)
    graph = Proto().Add(1, Node("If", {"c"}, {"x"}, {Attribute("then_branch", graph)}));
  bundle::Release release = ReleaseOf(LinearModel());
  const Proto model = Proto().Int(1, 8).Add(7, graph);
  release.model.assign(model.bytes().begin(), model.bytes().end());
  ExpectRefused(release, "nested at most");
}

TEST(LoadTest, ModelWithoutFiniteAnswerIsNotReady) {
  bundle::Release release = ReleaseOf(LogModel());
  release.contract.input.offset = {-0.5};
  ExpectRefused(release, "expected finite logits for an ordinary image");
}

}  // namespace
}  // namespace taktgate::infer
