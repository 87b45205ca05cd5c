#ifndef TAKTGATE_INFER_INT8_CLASSIFIER_H_
#define TAKTGATE_INFER_INT8_CLASSIFIER_H_

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "infer/classifier.h"
#include "int8/engine.h"

namespace taktgate::infer {

// A compiled network on the INT8 engine: pixels in place, all windows of a part in one run.
class Int8Classifier final : public Classifier {
 public:
  // `extras`: where the engine has each extra output of the contract.
  Int8Classifier(std::unique_ptr<int8::Engine> engine, std::vector<std::size_t> extras);

  InputType input_type() const override { return InputType::kUint8; }
  int threads() const override { return engine_->threads(); }
  std::size_t most_windows() const override { return is_set_.size(); }
  void SetPixels(std::size_t window, std::span<const image::Plane> channels) override;
  RunOutcome Run(std::size_t windows) override;
  std::span<const float> logits(std::size_t window) const override;
  std::span<const std::uint8_t> extra_output(std::size_t window, std::size_t index) const override;
  void Terminate() override { engine_->Stop(); }
  void ResetTerminate() override { engine_->Resume(); }
  const std::string& last_error() const override { return error_; }
  std::string name() const override;
  std::string description() const override;
  std::string warning() const override;

 private:
  const std::unique_ptr<int8::Engine> engine_;
  const std::vector<std::size_t> extras_;
  const std::vector<float> no_logits_;
  std::vector<int8::Plane> planes_;  // of one window
  std::vector<std::uint8_t> is_set_;
  std::size_t answered_ = 0;                            // windows of the last run, if that was done
  const std::string error_ = "a window has no pixels";  // the only one there is
};

}  // namespace taktgate::infer

#endif  // TAKTGATE_INFER_INT8_CLASSIFIER_H_
