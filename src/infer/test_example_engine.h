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
  InputType input_type() const override { return InputType::kUint8; }
  void SetPixels(std::size_t, std::span<const image::Plane> channels) override {
    first_ = channels.empty() ? nullptr : channels[0].first;
  }
  RunOutcome Run(std::size_t) override {
    logits_.fill(stop_ ? NAN : 0.0F);
    if (stop_ || first_ == nullptr) return stop_ ? RunOutcome::kTerminated : RunOutcome::kFailed;
    logits_[*first_ < 128 ? 0 : 1] = 4.0F;
    return RunOutcome::kDone;
  }
  std::span<const float> logits(std::size_t) const override { return logits_; }
  void Terminate() override { stop_ = true; }
  void ResetTerminate() override { stop_ = false; }
  const std::string& last_error() const override { return error_; }
  std::string name() const override { return "one-pixel"; }

 private:
  const std::uint8_t* first_ = nullptr;
  std::array<float, 2> logits_{NAN, NAN};
  std::atomic<bool> stop_{false};
  std::string error_ = "no pixels";
};

inline constexpr Engine kOnePixel = {
    "one pixel",
    "one-pixel",
    "two labels",
    [] { return std::string("1"); },
    [](const bundle::Release& release) { return release.labels.size() == 2; },
    [](const bundle::Release&, const LoadSettings&) -> Result<std::unique_ptr<Classifier>> {
      return {std::make_unique<OnePixel>()};
    }};
// [example]

}  // namespace taktgate::infer::testing

#endif  // TAKTGATE_INFER_TEST_EXAMPLE_ENGINE_H_
