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
  // Sees the input, fills the logits; may watch `terminate`.
  using Behaviour = std::function<RunOutcome(std::span<const float> input, std::span<float> logits,
                                             const std::atomic<bool>& terminate)>;

  FakeClassifier(std::size_t inputs, std::size_t labels, Behaviour behaviour)
      : input_(inputs), logits_(labels, kNan), behaviour_(std::move(behaviour)) {}

  std::span<float> input() override { return input_; }
  RunOutcome Run() override {
    for (float& logit : logits_) logit = kNan;
    const RunOutcome outcome =
        terminate_ ? RunOutcome::kTerminated : behaviour_(input_, logits_, terminate_);
    if (outcome != RunOutcome::kDone) {
      for (float& logit : logits_) logit = kNan;
    }
    return outcome;
  }
  std::span<const float> logits() const override { return logits_; }
  std::span<const std::uint8_t> extra_output(std::size_t /*index*/) const override { return {}; }
  void Terminate() override { terminate_ = true; }
  void ResetTerminate() override { terminate_ = false; }
  const std::string& last_error() const override { return error_; }
  std::string description() const override { return "fake classifier"; }

 private:
  static constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> input_;
  std::vector<float> logits_;
  Behaviour behaviour_;
  std::atomic<bool> terminate_{false};
  std::string error_;
};

}  // namespace taktgate::infer

#endif  // TAKTGATE_INFER_FAKE_CLASSIFIER_H_
