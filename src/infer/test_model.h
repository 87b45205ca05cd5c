#ifndef TAKTGATE_INFER_TEST_MODEL_H_
#define TAKTGATE_INFER_TEST_MODEL_H_

// For tests only: writes small ONNX models as protobuf bytes, right ones and wrong ones, so that
// unit tests need no Python and no model files.

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "bundle/release.h"

namespace taktgate::infer::testing {

// A protobuf message under construction; field numbers are those of onnx.proto.
class Proto {
 public:
  Proto& Int(std::uint64_t field, std::uint64_t value) {
    Varint(field << 3);
    Varint(value);
    return *this;
  }
  Proto& Text(std::uint64_t field, std::string_view text) {
    Varint(field << 3 | 2);
    Varint(text.size());
    bytes_ += text;
    return *this;
  }
  Proto& Add(std::uint64_t field, const Proto& message) { return Text(field, message.bytes_); }
  Proto& AddAll(std::uint64_t field, const std::vector<Proto>& messages) {
    for (const Proto& message : messages) Add(field, message);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  void Varint(std::uint64_t value) {
    for (; value >= 128; value >>= 7) bytes_ += static_cast<char>(value | 128);
    bytes_ += static_cast<char>(value);
  }
  std::string bytes_;
};

constexpr int kFloat = 1, kUint8 = 2, kInt64 = 7, kBool = 9;

template <typename T>
Proto Tensor(const std::string& name, int type, const std::vector<std::uint64_t>& dims,
             const std::vector<T>& values) {
  std::string raw(values.size() * sizeof(T), '\0');
  std::memcpy(raw.data(), values.data(), raw.size());
  Proto tensor;
  for (const std::uint64_t dim : dims) tensor.Int(1, dim);
  return tensor.Int(2, static_cast<std::uint64_t>(type)).Text(8, name).Text(9, raw);
}

inline Proto Attribute(std::string_view name, std::uint64_t value) {
  return Proto().Text(1, name).Int(3, value).Int(20, 2);
}

// axes = [0]
inline Proto AxisZero() { return Proto().Text(1, "axes").Int(8, 0).Int(20, 7); }

inline Proto Attribute(std::string_view name, const Proto& graph) {
  return Proto().Text(1, name).Add(6, graph).Int(20, 5);
}

inline Proto Node(std::string_view op, std::initializer_list<std::string_view> inputs,
                  std::initializer_list<std::string_view> outputs,
                  const std::vector<Proto>& attributes = {}, std::string_view domain = "") {
  Proto node;
  for (const std::string_view input : inputs) node.Text(1, input);
  for (const std::string_view output : outputs) node.Text(2, output);
  node.Text(3, std::string(op) + "_node").Text(4, op).AddAll(5, attributes);
  if (!domain.empty()) node.Text(7, domain);
  return node;
}

// A dimension of 0 is a symbolic one, "n".
inline Proto Value(std::string_view name, int type, const std::vector<std::uint64_t>& dims) {
  Proto shape;
  for (const std::uint64_t dim : dims)
    shape.Add(1, dim == 0 ? Proto().Text(2, "n") : Proto().Int(1, dim));
  const Proto tensor = Proto().Int(1, static_cast<std::uint64_t>(type)).Add(2, shape);
  return Proto().Text(1, name).Add(2, Proto().Add(1, tensor));
}

// A model's graph, made of parts that a test may change.
struct TestModel {
  std::vector<Proto> nodes, weights, inputs, outputs;
  std::string foreign_domain;

  Proto Graph() const {
    return Proto()
        .AddAll(1, nodes)
        .Text(2, "test")
        .AddAll(5, weights)
        .AddAll(11, inputs)
        .AddAll(12, outputs);
  }
  std::vector<std::uint8_t> Bytes() const {
    Proto model;
    model.Int(1, 8).Add(7, Graph()).Add(8, Proto().Text(1, "").Int(2, 13));
    if (!foreign_domain.empty()) model.Add(8, Proto().Text(1, foreign_domain).Int(2, 1));
    return {model.bytes().begin(), model.bytes().end()};
  }
};

constexpr int kSide = 32;
constexpr std::size_t kPixels = kSide * kSide;
constexpr std::size_t kLabels = 3;

inline float WeightAt(std::size_t pixel, std::size_t label) {
  return static_cast<float>((pixel * 7 + label * 13) % 17) / 100.0F - 0.08F;
}

// input [1, 1, 32, 32] -> Flatten -> Gemm -> logits [1, 3].
inline TestModel LinearModel() {
  std::vector<float> weights;
  for (std::size_t i = 0; i < kPixels * kLabels; ++i)
    weights.push_back(WeightAt(i / kLabels, i % kLabels));
  TestModel model;
  model.nodes = {Node("Flatten", {"input"}, {"flat"}),
                 Node("Gemm", {"flat", "w", "b"}, {"logits"})};
  model.weights = {Tensor<float>("w", kFloat, {kPixels, kLabels}, weights),
                   Tensor<float>("b", kFloat, {kLabels}, {0.5F, 0.25F, 0.125F})};
  model.inputs = {Value("input", kFloat, {1, 1, kSide, kSide})};
  model.outputs = {Value("logits", kFloat, {1, kLabels})};
  return model;
}

// Work enough for several threads: half a million exponentials ahead of the linear model's end.
inline TestModel BroadModel() {
  TestModel model = LinearModel();
  model.nodes = {Node("Flatten", {"input"}, {"flat"}), Node("Expand", {"flat", "rows"}, {"many"}),
                 Node("Exp", {"many"}, {"exp"}),
                 Node("ReduceMean", {"exp"}, {"mean"}, {AxisZero()}),
                 Node("Gemm", {"mean", "w", "b"}, {"logits"})};
  model.weights.push_back(Tensor<std::int64_t>("rows", kInt64, {2}, {512, kPixels}));
  return model;
}

// The linear model with its input as uint8 for a second output, which comes first.
inline TestModel MapModel() {
  TestModel model = LinearModel();
  model.nodes.insert(model.nodes.begin(),
                     Node("Cast", {"input"}, {"map"}, {Attribute("to", kUint8)}));
  model.outputs.insert(model.outputs.begin(), Value("map", kUint8, {1, 1, kSide, kSide}));
  return model;
}

// The linear model of log(input): not a number where a pixel is negative.
inline TestModel LogModel() {
  TestModel model = LinearModel();
  model.nodes = {Node("Flatten", {"input"}, {"flat"}), Node("Log", {"flat"}, {"log"}),
                 Node("Gemm", {"log", "w", "b"}, {"logits"})};
  return model;
}

// The linear model with a loop before its end: none for pixels of at most 1, about 10^12 rounds
// for a pixel of 2, so only the terminate flag ends it.
inline TestModel EndlessModel() {
  TestModel body;
  body.nodes = {Node("Identity", {"go_on"}, {"go_on_out"}), Node("Mul", {"v", "one"}, {"v_out"})};
  body.weights = {Tensor<float>("one", kFloat, {}, {1.0F})};
  body.inputs = {Value("round", kInt64, {}), Value("go_on", kBool, {}), Value("v", kFloat, {})};
  body.outputs = {Value("go_on_out", kBool, {}), Value("v_out", kFloat, {})};
  TestModel model = LinearModel();
  model.nodes = {
      Node("Flatten", {"input"}, {"flat"}),
      Node("Gemm", {"flat", "w", "b"}, {"gemm"}),
      Node("ReduceMax", {"input"}, {"max"}, {Attribute("keepdims", 0)}),
      Node("Sub", {"max", "limit"}, {"over"}),
      Node("Mul", {"over", "many"}, {"rounds_f"}),
      Node("Cast", {"rounds_f"}, {"rounds"}, {Attribute("to", kInt64)}),
      Node("Loop", {"rounds", "yes", "zero"}, {"v_end"}, {Attribute("body", body.Graph())}),
      Node("Add", {"gemm", "v_end"}, {"logits"})};
  model.weights.push_back(Tensor<float>("limit", kFloat, {}, {1.0F}));
  model.weights.push_back(Tensor<float>("many", kFloat, {}, {1e12F}));
  model.weights.push_back(Tensor<float>("zero", kFloat, {}, {0.0F}));
  model.weights.push_back(Tensor<std::uint8_t>("yes", kBool, {}, {1}));
  return model;
}

// A release that fits these models: one grey channel, pixels 0 to 1.
inline bundle::Release ReleaseOf(const TestModel& model) {
  bundle::Release release;
  release.model = model.Bytes();
  release.contract.input.width = kSide;
  release.contract.input.height = kSide;
  release.contract.input.scale = {1.0 / 255.0};
  release.contract.input.offset = {0.0};
  release.labels = {{"good", true}, {"open", false}, {"short", false}};
  return release;
}

}  // namespace taktgate::infer::testing

#endif  // TAKTGATE_INFER_TEST_MODEL_H_
