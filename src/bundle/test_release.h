#ifndef TAKTGATE_BUNDLE_TEST_RELEASE_H_
#define TAKTGATE_BUNDLE_TEST_RELEASE_H_

#include <string>

#include "bundle/release.h"

// A small release for tests: grey 32 x 32 input, labels good and bad, frames of 64 x 48 with two
// windows.
namespace taktgate::bundle::testing {

inline Release SmallRelease() {
  Release release;
  release.id = std::string(64, 'a');
  release.name = "small";
  release.version = "1";
  release.contract.input.width = 32;
  release.contract.input.height = 32;
  release.contract.input.scale = {1.0};
  release.contract.input.offset = {0.0};
  release.labels = {{"good", true}, {"bad", false}};
  release.recipe.frame = FrameSize{64, 48};
  release.recipe.windows = {{"left", {0, 0, 32, 32}}, {"right", {32, 16, 32, 32}}};
  return release;
}

}  // namespace taktgate::bundle::testing

#endif  // TAKTGATE_BUNDLE_TEST_RELEASE_H_
