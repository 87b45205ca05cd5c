#include "int8/network/reference.h"

#include <algorithm>
#include <cmath>

namespace taktgate::int8 {
namespace {

std::size_t Index(const Tensor& tensor, int row, int column, int channel) {
  return (static_cast<std::size_t>(row) * static_cast<std::size_t>(tensor.width) +
          static_cast<std::size_t>(column)) *
             static_cast<std::size_t>(tensor.channels) +
         static_cast<std::size_t>(channel);
}

}  // namespace

std::uint8_t Rounded(float real, int zero_point) {
  // nearbyint rounds to even: nothing here changes the rounding of the process. The sum of both is
  // exact where it decides anything.
  const float code = std::nearbyintf(real) + static_cast<float>(zero_point);
  return static_cast<std::uint8_t>(std::clamp(code, 0.0F, 255.0F));
}

std::uint8_t Requantise(std::int32_t sum, float multiplier, int zero_point) {
  return Rounded(static_cast<float>(sum) * multiplier, zero_point);
}

Reference::Reference(const Network& network) : network_(network) {
  for (const Tensor& tensor : network.tensors) codes_.emplace_back(tensor.size());
}

void Reference::Run(std::span<const std::uint8_t> pixels) {
  for (const Operation& operation : network_.operations) Do(operation, pixels);
}

void Reference::Do(const Operation& operation, std::span<const std::uint8_t> pixels) {
  Codes& y = codes_[static_cast<std::size_t>(operation.result)];
  switch (operation.kind) {
    case Kind::kInput:
      return Input(operation, pixels, y);
    case Kind::kConv:
    case Kind::kDepthwise:
      Convolve(operation, y);
      break;
    case Kind::kAdd:
      Add(operation, y);
      break;
    case Kind::kMean:
      Mean(operation, y);
      break;
    case Kind::kGate:
      Gate(operation, y);
      break;
    case Kind::kTable:
      y = codes_[static_cast<std::size_t>(operation.first)];
      break;
    case Kind::kLogits:
      return Logits(operation);
    case Kind::kScores:
      return Scores(operation);
    case Kind::kSelect:
      return Select(operation, y);
  }
  if (operation.table.empty()) return;
  for (std::uint8_t& code : y) code = operation.table[code];
}

void Reference::Input(const Operation& operation, std::span<const std::uint8_t> pixels,
                      Codes& y) const {
  const auto channels = static_cast<std::size_t>(network_.input().channels);
  for (std::size_t k = 0; k < y.size(); ++k) {
    y[k] = operation.table[k % channels * kCodes + pixels[k]];
  }
}

std::int32_t Reference::SumAt(const Operation& operation, int row, int column, int channel) const {
  const Tensor& x = At(operation.first);
  const auto& codes = codes_[static_cast<std::size_t>(operation.first)];
  const bool depthwise = operation.kind == Kind::kDepthwise;
  const int depth = depthwise ? 1 : x.channels;
  std::int32_t sum = operation.biases[static_cast<std::size_t>(channel)];
  std::size_t at =
      static_cast<std::size_t>(channel) * operation.weights.size() / operation.biases.size();
  for (int dy = 0; dy < operation.kernel_height; ++dy) {
    for (int dx = 0; dx < operation.kernel_width; ++dx) {
      const int i = row * operation.stride_y + dy - operation.pad_top;
      const int j = column * operation.stride_x + dx - operation.pad_left;
      const bool inside = i >= 0 && i < x.height && j >= 0 && j < x.width;
      for (int k = 0; k < depth; ++k, ++at) {
        if (!inside) continue;
        const int code = codes[Index(x, i, j, depthwise ? channel : k)];
        sum += (code - x.zero_point) * operation.weights[at];
      }
    }
  }
  return sum;
}

void Reference::Convolve(const Operation& operation, Codes& y) const {
  const Tensor& result = At(operation.result);
  for (int i = 0; i < result.height; ++i) {
    for (int j = 0; j < result.width; ++j) {
      for (int c = 0; c < result.channels; ++c) {
        y[Index(result, i, j, c)] =
            Requantise(SumAt(operation, i, j, c),
                       operation.multipliers[static_cast<std::size_t>(c)], operation.zero_point);
      }
    }
  }
}

void Reference::Add(const Operation& operation, Codes& y) const {
  const Codes& a = codes_[static_cast<std::size_t>(operation.first)];
  const Codes& b = codes_[static_cast<std::size_t>(operation.second)];
  const int za = At(operation.first).zero_point, zb = At(operation.second).zero_point;
  for (std::size_t k = 0; k < y.size(); ++k) {
    const float left = static_cast<float>(a[k] - za) * operation.multipliers[0];
    const float right = static_cast<float>(b[k] - zb) * operation.multipliers[1];
    y[k] = Rounded(left + right, operation.zero_point);
  }
}

void Reference::Mean(const Operation& operation, Codes& y) const {
  const Codes& x = codes_[static_cast<std::size_t>(operation.first)];
  std::vector<std::int32_t> sums(y.size());
  for (std::size_t k = 0; k < x.size(); ++k) {
    sums[k % sums.size()] += x[k] - At(operation.first).zero_point;
  }
  for (std::size_t c = 0; c < y.size(); ++c) {
    y[c] = Requantise(sums[c], operation.multipliers[0], operation.zero_point);
  }
}

void Reference::Gate(const Operation& operation, Codes& y) const {
  const Codes& x = codes_[static_cast<std::size_t>(operation.first)];
  const Codes& gate = codes_[static_cast<std::size_t>(operation.second)];
  const int zx = At(operation.first).zero_point, zg = At(operation.second).zero_point;
  for (std::size_t k = 0; k < y.size(); ++k) {
    y[k] = Requantise((x[k] - zx) * (gate[k % gate.size()] - zg), operation.multipliers[0],
                      operation.zero_point);
  }
}

void Reference::Logits(const Operation& operation) {
  logits_.clear();
  for (std::size_t c = 0; c < operation.biases.size(); ++c) {
    logits_.push_back(static_cast<float>(SumAt(operation, 0, 0, static_cast<int>(c))) *
                      operation.multipliers[c]);
  }
}

void Reference::Scores(const Operation& operation) {
  logits_.clear();
  for (const std::uint8_t code : codes_[static_cast<std::size_t>(operation.first)]) {
    logits_.push_back(static_cast<float>(code - At(operation.first).zero_point) *
                      operation.multipliers[0]);
  }
}

void Reference::Select(const Operation& operation, Codes& y) const {
  const Codes& x = codes_[static_cast<std::size_t>(operation.first)];
  const auto winner = static_cast<std::size_t>(
      std::distance(logits_.begin(), std::max_element(logits_.begin(), logits_.end())));
  for (std::size_t k = 0; k < y.size(); ++k) y[k] = x[k * logits_.size() + winner];
}

}  // namespace taktgate::int8
