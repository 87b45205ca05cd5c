#ifndef TAKTGATE_INFER_FAKE_CLASSIFIER_H_
#define TAKTGATE_INFER_FAKE_CLASSIFIER_H_

#include <atomic>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "infer/classifier.h"

namespace taktgate::infer {

// A model that does what it is told: answers, fails, gives NaN, or takes its time until it is
// terminated. For tests of everything that comes after the model.
class FakeClassifier final : public Classifier {
 public:
  // Gets the input of a window (pixels as floats, HWC, if it takes uint8) and fills its logits; may
  // watch `terminate`. Called for each window of a run until one is not done.
  using Behaviour = std::function<RunOutcome(std::span<const float> input, std::span<float> logits,
                                             const std::atomic<bool>& terminate)>;
  struct Shape {
    std::size_t most_windows = 1;
    InputType input_type = InputType::kFloat32;
    std::size_t extra_values = 0;  // of one extra output, each the window's first input value
    int width = 32;                // of a window that it takes as uint8
  };

  FakeClassifier(std::size_t inputs, std::size_t labels, Behaviour behaviour)
      : FakeClassifier(inputs, labels, std::move(behaviour), Shape()) {}
  FakeClassifier(std::size_t inputs, std::size_t labels, Behaviour behaviour, Shape shape)
      : shape_(shape),
        windows_(shape.most_windows,
                 {std::vector<float>(inputs), std::vector<image::Plane>(),
                  std::vector<float>(labels, kNan), std::vector<std::uint8_t>(shape.extra_values)}),
        behaviour_(std::move(behaviour)) {}

  InputType input_type() const override { return shape_.input_type; }
  std::size_t most_windows() const override { return shape_.most_windows; }
  std::span<float> floats(std::size_t window) override {
    return input_type() == InputType::kFloat32 ? std::span(windows_[window].floats)
                                               : std::span<float>();
  }
  void SetPixels(std::size_t window, std::span<const image::Plane> channels) override {
    windows_[window].planes.assign(channels.begin(), channels.end());
  }
  RunOutcome Run(std::size_t windows) override {
    ++runs_;
    for (Window& window : windows_) window.logits.assign(window.logits.size(), kNan);
    RunOutcome outcome = terminate_ ? RunOutcome::kTerminated : RunOutcome::kDone;
    for (std::size_t k = 0; k < windows && outcome == RunOutcome::kDone; ++k) {
      outcome = RunWindow(windows_[k]);
    }
    if (outcome == RunOutcome::kDone) return outcome;
    for (Window& window : windows_) window.logits.assign(window.logits.size(), kNan);
    return outcome;
  }
  std::span<const float> logits(std::size_t window) const override {
    return windows_[window].logits;
  }
  std::span<const std::uint8_t> extra_output(std::size_t window, std::size_t index) const override {
    return index == 0 ? std::span<const std::uint8_t>(windows_[window].extra)
                      : std::span<const std::uint8_t>();
  }
  void Terminate() override { terminate_ = true; }
  void ResetTerminate() override { terminate_ = false; }
  const std::string& last_error() const override { return error_; }
  std::string name() const override { return "fake"; }

  // Of the thread that runs it.
  std::size_t runs() const { return runs_; }

 private:
  static constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  struct Window {
    std::vector<float> floats;
    std::vector<image::Plane> planes;
    std::vector<float> logits;
    std::vector<std::uint8_t> extra;
  };

  RunOutcome RunWindow(Window& window) {
    if (input_type() == InputType::kUint8) {
      if (window.planes.empty()) return RunOutcome::kFailed;
      for (std::size_t i = 0; i < window.floats.size(); ++i) window.floats[i] = PixelAt(window, i);
    }
    window.extra.assign(window.extra.size(), static_cast<std::uint8_t>(window.floats[0]));
    return behaviour_(window.floats, window.logits, terminate_);
  }

  float PixelAt(const Window& window, std::size_t i) const {
    const std::size_t channels = window.planes.size();
    const auto place = static_cast<std::ptrdiff_t>(i / channels);
    const image::Plane& plane = window.planes[i % channels];
    return plane.first[place / shape_.width * plane.row_step + place % shape_.width * plane.step];
  }

  const Shape shape_;
  std::vector<Window> windows_;
  Behaviour behaviour_;
  std::atomic<bool> terminate_{false};
  std::size_t runs_ = 0;
  std::string error_;
};

}  // namespace taktgate::infer

#endif  // TAKTGATE_INFER_FAKE_CLASSIFIER_H_
