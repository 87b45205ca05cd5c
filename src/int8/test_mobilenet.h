#ifndef TAKTGATE_INT8_TEST_MOBILENET_H_
#define TAKTGATE_INT8_TEST_MOBILENET_H_

#include <cstdint>
#include <vector>

#include "int8/test_networks.h"

namespace taktgate::int8::testing {

// MobileNetV3-Small (Howard and others, 2019, table 2) with random weights: speed does not depend
// on them.
inline std::vector<std::uint8_t> MobileNetV3Small(int side, int channels, int labels,
                                                  int weight_bits) {
  struct Block {
    int kernel, wide, narrow;
    bool squeeze, swish;
    int stride;
  };
  constexpr Block kBlocks[] = {
      {3, 16, 16, true, false, 2}, {3, 72, 24, false, false, 2}, {3, 88, 24, false, false, 1},
      {5, 96, 40, true, true, 2},  {5, 240, 40, true, true, 1},  {5, 240, 40, true, true, 1},
      {5, 120, 48, true, true, 1}, {5, 144, 48, true, true, 1},  {5, 288, 96, true, true, 2},
      {5, 576, 96, true, true, 1}, {5, 576, 96, true, true, 1}};
  NetworkMaker maker(1, weight_bits, true);
  int x = maker.Conv(maker.Input(side, side, channels), 16, {3, 2}, true);
  for (const Block& block : kBlocks) {
    const int before = x;
    if (block.wide != maker.At(x).channels) x = maker.Conv(x, block.wide, {}, block.swish);
    x = maker.Depthwise(x, {block.kernel, block.stride}, block.swish && !block.squeeze);
    if (block.squeeze) {
      const int squeezed = maker.Conv(maker.Mean(x), (block.wide / 4 + 7) / 8 * 8, {}, true);
      x = maker.Gate(x, maker.Conv(squeezed, block.wide, {}, true), block.swish);
    }
    x = maker.Conv(x, block.narrow);
    if (block.stride == 1 && maker.At(before).channels == block.narrow) x = maker.Add(before, x);
  }
  x = maker.Mean(maker.Conv(x, 576, {}, true));
  maker.ExtraOutput(x, OutputRole::kEmbedding);
  maker.Logits(maker.Conv(x, 1024, {}, true), labels);
  return maker.File();
}

}  // namespace taktgate::int8::testing

#endif  // TAKTGATE_INT8_TEST_MOBILENET_H_
