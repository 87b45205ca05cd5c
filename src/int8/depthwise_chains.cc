#include "int8/depthwise_chains.h"

#include <algorithm>
#include <span>

#include "int8/kernels/kernels.h"

namespace taktgate::int8 {
namespace {

// The largest and the smallest sum of products with codes from -128 to 127.
bool FitsIn16Bits(std::span<const std::int8_t> weights) {
  int most = 0, least = 0;
  for (const int weight : weights) {
    most += weight > 0 ? weight * 127 : weight * -128;
    least += weight > 0 ? weight * -128 : weight * 127;
  }
  return most <= 32'767 && least >= -32'768;
}

std::size_t RowsThatFit(std::span<const std::int8_t> weights, std::size_t kernel) {
  if (FitsIn16Bits(weights)) return kernel;
  for (std::size_t row = 0; row < kernel; ++row) {
    if (!FitsIn16Bits(weights.subspan(row * kernel, kernel))) return 0;
  }
  return 1;
}

}  // namespace

const std::uint8_t* DepthwiseChainsOf(const Operation& operation, Constants& constants) {
  const std::size_t channels = operation.biases.size();
  const auto kernel = static_cast<std::size_t>(operation.kernel_height);
  auto* chains = constants.Make<std::uint8_t>((channels + kBlock - 1) / kBlock);
  for (std::size_t c = 0; c < channels; ++c) {
    const auto weights = operation.weights.subspan(c * kernel * kernel, kernel * kernel);
    const auto fit = static_cast<std::uint8_t>(RowsThatFit(weights, kernel));
    std::uint8_t& of_block = chains[c / kBlock];
    of_block = c % kBlock == 0 ? fit : std::min(of_block, fit);
  }
  return chains;
}

}  // namespace taktgate::int8
