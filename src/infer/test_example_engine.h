#ifndef TAKTGATE_INFER_TEST_EXAMPLE_ENGINE_H_
#define TAKTGATE_INFER_TEST_EXAMPLE_ENGINE_H_

#include <atomic>
#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "infer/engine.h"

// The engine of CONTRIBUTING.md, which shows what stands between the two marks.
namespace taktgate::infer::testing {

// [example]
// An engine that looks at one pixel.
class OnePixel final : public Classifier {
 public:
  OnePixel(std::size_t inputs, std::size_t labels) : pixels_(inputs), logits_(labels, NAN) {}
  InputType input_type() const override { return InputType::kUint8; }
  std::span<std::uint8_t> pixels(std::size_t) override { return pixels_; }
  RunOutcome Run(std::size_t) override {
    logits_.assign(logits_.size(), stop_ ? NAN : 0.0F);
    if (stop_) return RunOutcome::kTerminated;
    logits_[pixels_[0] < 128 ? 0 : 1] = 4.0F;
    return RunOutcome::kDone;
  }
  std::span<const float> logits(std::size_t) const override { return logits_; }
  void Terminate() override { stop_ = true; }
  void ResetTerminate() override { stop_ = false; }
  const std::string& last_error() const override { return error_; }
  std::string description() const override { return "one pixel"; }

 private:
  std::vector<std::uint8_t> pixels_;
  std::vector<float> logits_;
  std::atomic<bool> stop_{false};
  std::string error_;
};

inline bool TakesTwoLabels(const bundle::Release& release) { return release.labels.size() == 2; }

inline Result<std::unique_ptr<Classifier>> LoadOnePixel(const bundle::Release& release,
                                                        const LoadSettings&) {
  std::unique_ptr<Classifier> made(
      new OnePixel(release.contract.input.tensor_size(), release.labels.size()));
  return made;
}

inline constexpr Engine kOnePixel = {"one pixel", [] { return std::string("1"); }, TakesTwoLabels,
                                     LoadOnePixel};
// [example]

}  // namespace taktgate::infer::testing

#endif  // TAKTGATE_INFER_TEST_EXAMPLE_ENGINE_H_
