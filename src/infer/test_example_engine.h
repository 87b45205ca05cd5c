#ifndef TAKTGATE_INFER_TEST_EXAMPLE_ENGINE_H_
#define TAKTGATE_INFER_TEST_EXAMPLE_ENGINE_H_

#include <array>
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
class OnePixel final : public Classifier {
 public:
  explicit OnePixel(std::size_t inputs) : pixels_(inputs) {}
  InputType input_type() const override { return InputType::kUint8; }
  std::span<std::uint8_t> pixels(std::size_t) override { return pixels_; }
  RunOutcome Run(std::size_t) override {
    logits_.fill(stop_ ? NAN : 0.0F);
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
  std::array<float, 2> logits_{NAN, NAN};
  std::atomic<bool> stop_{false};
  std::string error_;
};

inline constexpr Engine kOnePixel = {
    "one pixel", [] { return std::string("1"); },
    [](const bundle::Release& release) { return release.labels.size() == 2; },
    [](const bundle::Release& release, const LoadSettings&) -> Result<std::unique_ptr<Classifier>> {
      return {std::make_unique<OnePixel>(release.contract.input.tensor_size())};
    }};
// [example]

}  // namespace taktgate::infer::testing

#endif  // TAKTGATE_INFER_TEST_EXAMPLE_ENGINE_H_
