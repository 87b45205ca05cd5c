#ifndef TAKTGATE_INT8_TEST_MOBILENET_H_
#define TAKTGATE_INT8_TEST_MOBILENET_H_

#include <cstdint>
#include <span>
#include <vector>

#include "int8/network/test_networks.h"

namespace taktgate::int8::testing {

struct MobileBlock {
  int kernel, wide, narrow;
  bool squeeze, swish;
  int stride;
};

// Blocks, and how many channels come before and behind the last mean.
struct MobileShape {
  std::span<const MobileBlock> blocks;
  int before, behind;
};

// Howard and others, 2019, tables 1 and 2.
inline constexpr MobileBlock kSmallBlocks[] = {
    {3, 16, 16, true, false, 2}, {3, 72, 24, false, false, 2}, {3, 88, 24, false, false, 1},
    {5, 96, 40, true, true, 2},  {5, 240, 40, true, true, 1},  {5, 240, 40, true, true, 1},
    {5, 120, 48, true, true, 1}, {5, 144, 48, true, true, 1},  {5, 288, 96, true, true, 2},
    {5, 576, 96, true, true, 1}, {5, 576, 96, true, true, 1}};
inline constexpr MobileBlock kLargeBlocks[] = {
    {3, 16, 16, false, false, 1}, {3, 64, 24, false, false, 2}, {3, 72, 24, false, false, 1},
    {5, 72, 40, true, false, 2},  {5, 120, 40, true, false, 1}, {5, 120, 40, true, false, 1},
    {3, 240, 80, false, true, 2}, {3, 200, 80, false, true, 1}, {3, 184, 80, false, true, 1},
    {3, 184, 80, false, true, 1}, {3, 480, 112, true, true, 1}, {3, 672, 112, true, true, 1},
    {5, 672, 160, true, true, 2}, {5, 960, 160, true, true, 1}, {5, 960, 160, true, true, 1}};
inline constexpr MobileShape kMobileNetV3Small{kSmallBlocks, 576, 1024};
inline constexpr MobileShape kMobileNetV3Large{kLargeBlocks, 960, 1280};

// A MobileNetV3 with random weights: speed does not depend on them.
inline std::vector<std::uint8_t> MobileNetV3(const MobileShape& shape, int side, int channels,
                                             int labels, int weight_bits) {
  NetworkMaker maker(1, weight_bits, true);
  int x = maker.Conv(maker.Input(side, side, channels), 16, {3, 2}, true);
  for (const MobileBlock& block : shape.blocks) {
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
  x = maker.Mean(maker.Conv(x, shape.before, {}, true));
  maker.ExtraOutput(x, OutputRole::kEmbedding);
  maker.Logits(maker.Conv(x, shape.behind, {}, true), labels);
  return maker.File();
}

inline std::vector<std::uint8_t> MobileNetV3Small(int side, int channels, int labels,
                                                  int weight_bits) {
  return MobileNetV3(kMobileNetV3Small, side, channels, labels, weight_bits);
}

inline std::vector<std::uint8_t> MobileNetV3Large(int side, int channels, int labels,
                                                  int weight_bits) {
  return MobileNetV3(kMobileNetV3Large, side, channels, labels, weight_bits);
}

}  // namespace taktgate::int8::testing

#endif  // TAKTGATE_INT8_TEST_MOBILENET_H_
