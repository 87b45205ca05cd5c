#ifndef TAKTGATE_INSPECT_TEST_RELEASE_H_
#define TAKTGATE_INSPECT_TEST_RELEASE_H_

#include <memory>
#include <utility>

#include "bundle/test_release.h"
#include "infer/fake_classifier.h"
#include "inspect/inspector.h"

// bundle/test_release.h with a fake model, which says "bad" when the first pixel of a window is
// bright.
namespace taktgate::inspect::testing {

using bundle::testing::SmallRelease;

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
