#include "int8/pack_depthwise.h"

#include <utility>

#include "int8/depthwise_chains.h"

namespace taktgate::int8 {
namespace {

std::size_t AsSize(int number) { return static_cast<std::size_t>(number); }

// `place(dy, dx)` says which of the vectors of a block holds a tap, and where among those of its
// channel.
template <typename Weight, int kTogether, typename Place>
const std::int8_t* PackTaps(const Operation& operation, Constants& constants, int vectors,
                            Place place) {
  const int channels = static_cast<int>(operation.biases.size());
  const int kernel = operation.kernel_height, blocks = (channels + 15) / 16;
  auto* weights = constants.Make<Weight>(AsSize(blocks * vectors * 16 * kTogether));
  for (int c = 0; c < channels; ++c) {
    for (int dy = 0; dy < kernel; ++dy) {
      for (int dx = 0; dx < kernel; ++dx) {
        const auto [vector, at] = place(dy, dx);
        weights[((c / 16 * vectors + vector) * 16 + c % 16) * kTogether + at] =
            operation.weights[AsSize((c * kernel + dy) * kernel + dx)];
      }
    }
  }
  return reinterpret_cast<const std::int8_t*>(weights);
}

// All taps one behind the other, whatever their rows.
auto InSequence(int kernel, int together) {
  return [=](int dy, int dx) {
    const int tap = dy * kernel + dx;
    return std::pair(tap / together, tap % together);
  };
}

const std::int8_t* WeightsBy(Taps taps, const Operation& operation, Constants& constants) {
  const int kernel = operation.kernel_height;
  switch (taps) {
    case Taps::kRows: {
      const int quads = QuadsOf(kernel);
      return PackTaps<std::int8_t, 4>(operation, constants, kernel * quads, [=](int dy, int dx) {
        return std::pair(dy * quads + dx / 4, dx % 4);
      });
    }
    case Taps::kSequence:
      return PackTaps<std::int8_t, 4>(operation, constants, QuadsOfAll(kernel),
                                      InSequence(kernel, 4));
    case Taps::kPairs:
      return PackTaps<std::int16_t, 2>(operation, constants, PairsOfAll(kernel),
                                       InSequence(kernel, 2));
  }
  return nullptr;
}

}  // namespace

void PackDepthwise(const Operation& operation, const Kernels& kernels, Constants& constants,
                   Depthwise& depthwise) {
  depthwise.weights = WeightsBy(kernels.taps, operation, constants);
  if (kernels.signed_maps) depthwise.chains = DepthwiseChainsOf(operation, constants);
}

}  // namespace taktgate::int8
