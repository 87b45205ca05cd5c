#ifndef TAKTGATE_INFER_TEST_NETWORK_H_
#define TAKTGATE_INFER_TEST_NETWORK_H_

// For tests only: releases with a compiled network, so that unit tests need no compiler.

#include <string>
#include <utility>
#include <vector>

#include "bundle/release.h"
#include "int8/network/network_file.h"
#include "int8/network/test_small_network.h"

namespace taktgate::infer::testing {

inline bundle::OutputRole RoleOf(int8::OutputRole role) {
  switch (role) {
    case int8::OutputRole::kEmbedding:
      return bundle::OutputRole::kEmbedding;
    case int8::OutputRole::kChannelMeans:
      return bundle::OutputRole::kChannelMeans;
    case int8::OutputRole::kClassMap:
      break;
  }
  return bundle::OutputRole::kClassMap;
}

// A release with int8/test_small_network.h alone, and the contract that goes with it: RGB of
// 6 x 8 px, five labels, an embedding and a class map.
inline bundle::Release NetworkRelease() {
  bundle::Release release;
  release.network = int8::testing::SmallNetwork().File();
  const auto network = int8::ReadNetwork(release.network).value();
  release.contract.input.width = network.input().width;
  release.contract.input.height = network.input().height;
  release.contract.input.channels = image::PixelFormat::kRgb8;
  release.contract.input.scale = {1.0, 1.0, 1.0};
  release.contract.input.offset = {0.0, 0.0, 0.0};
  for (const int8::ExtraOutput& extra : network.extra_outputs) {
    const int8::Tensor& tensor = network.tensors[static_cast<std::size_t>(extra.tensor)];
    const int width = tensor.is_vector() ? tensor.channels : tensor.width;
    release.contract.extra_outputs.push_back(
        {"output " + std::to_string(release.contract.extra_outputs.size()), RoleOf(extra.role),
         width, tensor.height, static_cast<double>(tensor.scale), tensor.zero_point});
  }
  release.labels = {
      {"good", true}, {"open", false}, {"short", false}, {"spur", false}, {"hole", false}};
  return release;
}

}  // namespace taktgate::infer::testing

#endif  // TAKTGATE_INFER_TEST_NETWORK_H_
