#ifndef TAKTGATE_INT8_TEST_SMALL_NETWORK_H_
#define TAKTGATE_INT8_TEST_SMALL_NETWORK_H_

#include <algorithm>

#include "int8/network/test_networks.h"

namespace taktgate::int8::testing {

// A small network with one operation of each kind.
inline NetworkMaker SmallNetwork() {
  NetworkMaker maker(1);
  const int input = maker.Input(8, 6, 3);
  const int stem = maker.Conv(input, 16, {3, 2}, true);
  const int expanded = maker.Conv(stem, 24);
  const int deep = maker.Depthwise(expanded, {5, 1}, true);
  const int squeezed = maker.Conv(maker.Mean(deep), 8, {}, true);
  const int gated = maker.Gate(deep, maker.Conv(squeezed, 24, {}, true));
  const int sum = maker.Add(stem, maker.Conv(gated, 16), true);
  const int maps = maker.Conv(maker.Table(sum), 5);
  const int pooled = maker.Mean(sum);
  maker.Logits(pooled, 5);
  maker.ExtraOutput(pooled, OutputRole::kEmbedding);
  maker.ExtraOutput(maker.Select(maps), OutputRole::kClassMap);
  return maker;
}

// The largest logits are those of channels 3 and 17, and equal. Codes of the map that is selected
// from: ten times the channel.
inline constexpr int kFirstOfEqual = 3, kLastOfEqual = 17, kCodeOfFirst = 30;
inline NetworkMaker EqualLogits() {
  constexpr int kLabels = 20;
  NetworkMaker maker(1);
  const int input = maker.Input(2, 3, 1);
  const int map = maker.Conv(input, kLabels);
  maker.At(map).zero_point = 0;
  maker.Logits(maker.Mean(input), kLabels);
  maker.ExtraOutput(maker.Select(map), OutputRole::kClassMap);
  std::ranges::fill(maker.weights(), 0);
  std::ranges::fill(maker.multipliers(), 1.0F);
  for (int c = 0; c < kLabels; ++c) {
    const bool largest = c == kFirstOfEqual || c == kLastOfEqual;
    *(maker.biases().begin() + c) = c * 10;
    *(maker.biases().begin() + kLabels + c) = largest ? 9 : 5;
  }
  return maker;
}

}  // namespace taktgate::int8::testing

#endif  // TAKTGATE_INT8_TEST_SMALL_NETWORK_H_
