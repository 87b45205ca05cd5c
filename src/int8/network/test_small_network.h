#ifndef TAKTGATE_INT8_TEST_SMALL_NETWORK_H_
#define TAKTGATE_INT8_TEST_SMALL_NETWORK_H_

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

}  // namespace taktgate::int8::testing

#endif  // TAKTGATE_INT8_TEST_SMALL_NETWORK_H_
