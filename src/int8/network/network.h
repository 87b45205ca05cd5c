#ifndef TAKTGATE_INT8_NETWORK_H_
#define TAKTGATE_INT8_NETWORK_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace taktgate::int8 {

// A map of codes: height x width places, `channels` codes each. A code q stands for
// (q - zero_point) * scale.
struct Tensor {
  int height = 1;
  int width = 1;
  int channels = 1;
  int zero_point = 0;
  float scale = 1;

  std::size_t places() const {
    return static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  }
  std::size_t size() const { return places() * static_cast<std::size_t>(channels); }
  bool is_vector() const { return height == 1 && width == 1; }
};

// What each computes, exactly: docs/int8.md, 2.
enum class Kind : std::uint8_t {
  kInput,
  kConv,
  kDepthwise,
  kAdd,
  kMean,
  kGate,
  kTable,
  kLogits,
  kScores,
  kSelect,
};

inline constexpr std::size_t kCodes = 256;

// One step of a network. The spans are parts of the network's own memory; empty where the kind, or
// this operation, has no such thing.
struct Operation {
  Kind kind{};
  int kernel_height = 0, kernel_width = 0;
  int stride_y = 0, stride_x = 0;
  int pad_top = 0, pad_left = 0;
  int zero_point = 0;                        // that it rounds with, before its table
  int first = -1, second = -1, result = -1;  // tensors; -1: none
  std::span<const std::uint8_t> table;       // kCodes; of kInput kCodes for each channel
  std::span<const std::int8_t> weights;      // result channels x kernel x input channels
  std::span<const std::int32_t> biases;      // one for each result channel
  std::span<const float> multipliers;
};

enum class OutputRole : std::uint8_t { kEmbedding, kChannelMeans, kClassMap };

struct ExtraOutput {
  int tensor = 0;
  OutputRole role{};
};

// A compiled network as its file describes it; what ReadNetwork gives is sound. Moves, but is not
// copied: its operations point into it.
struct Network {
  Network() = default;
  Network(Network&&) = default;
  Network& operator=(Network&&) = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  int weight_bits = 8;  // 7: no weight is larger than 64 in size
  std::vector<Tensor> tensors;
  std::vector<Operation> operations;
  std::vector<ExtraOutput> extra_outputs;

  std::vector<std::uint8_t> tables;
  std::vector<std::int8_t> weights;
  std::vector<std::int32_t> biases;
  std::vector<float> multipliers;

  const Tensor& input() const { return tensors[static_cast<std::size_t>(operations[0].result)]; }
  // How many logits it gives.
  int labels() const {
    const auto gives = std::ranges::find_if(operations, [](const Operation& operation) {
      return operation.kind == Kind::kLogits || operation.kind == Kind::kScores;
    });
    return tensors[static_cast<std::size_t>(gives->result)].channels;
  }
};

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NETWORK_H_
