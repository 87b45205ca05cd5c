#include "int8/pack_result.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace taktgate::int8 {
namespace {

std::size_t WholeBlocks(std::size_t channels) { return (channels + kBlock - 1) / kBlock * kBlock; }

// Those of one channel of the result.
std::span<const std::int8_t> WeightsOf(const Operation& operation, std::size_t channel) {
  const std::size_t of_one = operation.weights.size() / operation.biases.size();
  return operation.weights.subspan(channel * of_one, of_one);
}

// Whether every rounded number stays within kMostSmall, whatever the codes are.
bool NumbersStaySmall(const Operation& operation) {
  for (std::size_t c = 0; c < operation.biases.size(); ++c) {
    int sizes = 0;
    for (const int weight : WeightsOf(operation, c)) sizes += std::abs(weight);
    const double most = std::abs(static_cast<double>(operation.biases[c])) + 255.0 * sizes;
    if (most * std::abs(static_cast<double>(operation.multipliers[c])) > kMostSmall) return false;
  }
  return true;
}

}  // namespace

const std::uint8_t* KeptTable(const Operation& operation, Constants& constants) {
  if (operation.table.empty()) return nullptr;
  auto* kept = constants.Make<std::uint8_t>(operation.table.size());
  std::ranges::copy(operation.table, kept);
  return kept;
}

Requantisation ResultOf(const Operation& operation, Constants& constants) {
  auto* multipliers = constants.Make<float>(WholeBlocks(operation.multipliers.size()));
  std::ranges::copy(operation.multipliers, multipliers);
  return {.multipliers = multipliers,
          .table = KeptTable(operation, constants),
          .zero_point = operation.zero_point,
          .stays_small = NumbersStaySmall(operation)};
}

// sum (x - zero) * w = sum x * w - zero * sum w; places of the border hold the zero point.
const std::int32_t* BiasesOf(const Operation& operation, const Tensor& x, const Kernels& kernels,
                             Constants& constants) {
  auto* biases = constants.Make<std::int32_t>(WholeBlocks(operation.biases.size()));
  const bool pairs = operation.kind == Kind::kDepthwise && kernels.taps == Taps::kPairs;
  const bool less = kernels.takes_signed_codes && !pairs;
  const int zero = x.zero_point - (less ? kSigned : 0);
  for (std::size_t c = 0; c < operation.biases.size(); ++c) {
    const auto weights = WeightsOf(operation, c);
    biases[c] = operation.biases[c] - zero * std::reduce(weights.begin(), weights.end(), 0);
  }
  return biases;
}

}  // namespace taktgate::int8
