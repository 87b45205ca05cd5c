#ifndef TAKTGATE_INSPECT_TEST_RELEASE_H_
#define TAKTGATE_INSPECT_TEST_RELEASE_H_

#include <memory>
#include <utility>

#include "bundle/release.h"
#include "infer/fake_classifier.h"
#include "inspect/inspector.h"

// A small release for tests: grey 32 x 32 input, labels good and bad, frames of 64 x 48 with two
// windows. The fake model says "bad" when the first pixel of a window is bright.
namespace taktgate::inspect::testing {

inline bundle::Release SmallRelease() {
  bundle::Release release;
  release.id = std::string(64, 'a');
  release.name = "small";
  release.version = "1";
  release.contract.input.width = 32;
  release.contract.input.height = 32;
  release.contract.input.scale = {1.0};
  release.contract.input.offset = {0.0};
  release.labels = {{"good", true}, {"bad", false}};
  release.recipe.frame = bundle::FrameSize{64, 48};
  release.recipe.windows = {{"left", {0, 0, 32, 32}}, {"right", {32, 16, 32, 32}}};
  return release;
}

inline infer::RunOutcome SayBadWhenBright(std::span<const float> input, std::span<float> logits,
                                          const std::atomic<bool>&) {
  const bool bad = input[0] > 128.0F;
  logits[0] = bad ? -4.0F : 4.0F;
  logits[1] = bad ? 4.0F : -4.0F;
  return infer::RunOutcome::kDone;
}

inline std::unique_ptr<Inspector> SmallInspector(
    infer::FakeClassifier::Behaviour behaviour = SayBadWhenBright) {
  auto inspector = Inspector::Create(
      SmallRelease(), std::make_unique<infer::FakeClassifier>(32 * 32, 2, std::move(behaviour)));
  return std::move(inspector).value();
}

inline image::Image SmallFrame(std::uint8_t left, std::uint8_t right) {
  image::Image frame;
  frame.width = 64;
  frame.height = 48;
  frame.pixels.assign(64 * 48, left);
  for (std::size_t y = 0; y < 48; ++y) {
    for (std::size_t x = 32; x < 64; ++x) frame.pixels[y * 64 + x] = right;
  }
  return frame;
}

}  // namespace taktgate::inspect::testing

#endif  // TAKTGATE_INSPECT_TEST_RELEASE_H_
