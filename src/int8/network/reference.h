#ifndef TAKTGATE_INT8_REFERENCE_H_
#define TAKTGATE_INT8_REFERENCE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "int8/network/network.h"

namespace taktgate::int8 {

// Every operation of a network in plain loops, word for word as docs/int8.md has it: what all fast
// paths are compared with. Slow, and it allocates.
//
// Threads: one; the network outlives it.
class Reference {
 public:
  explicit Reference(const Network& network);

  // `pixels`: height x width x channels of the network's input. After it, the codes of every
  // tensor and the logits are there.
  void Run(std::span<const std::uint8_t> pixels);

  // height x width x channels.
  std::span<const std::uint8_t> codes(int tensor) const {
    return codes_[static_cast<std::size_t>(tensor)];
  }
  std::span<const float> logits() const { return logits_; }

 private:
  using Codes = std::vector<std::uint8_t>;

  void Do(const Operation& operation, std::span<const std::uint8_t> pixels);
  void Input(const Operation& operation, std::span<const std::uint8_t> pixels, Codes& y) const;
  void Convolve(const Operation& operation, Codes& y) const;
  void Add(const Operation& operation, Codes& y) const;
  void Mean(const Operation& operation, Codes& y) const;
  void Gate(const Operation& operation, Codes& y) const;
  void Select(const Operation& operation, Codes& y) const;
  void Logits(const Operation& operation);
  void Scores(const Operation& operation);
  std::int32_t SumAt(const Operation& operation, int row, int column, int channel) const;
  const Tensor& At(int tensor) const { return network_.tensors[static_cast<std::size_t>(tensor)]; }

  const Network& network_;
  std::vector<Codes> codes_;
  std::vector<float> logits_;
};

// sat(round(float(sum) * multiplier) + zero_point).
std::uint8_t Requantise(std::int32_t sum, float multiplier, int zero_point);
// sat(round(real) + zero_point).
std::uint8_t Rounded(float real, int zero_point);

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_REFERENCE_H_
