#ifndef TAKTGATE_INFER_ONNX_CLASSIFIER_H_
#define TAKTGATE_INFER_ONNX_CLASSIFIER_H_

#include <onnxruntime_cxx_api.h>

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "infer/aligned_floats.h"
#include "infer/engine.h"

namespace taktgate::infer {

// A session of ONNX Runtime. Its exceptions never leave LoadOnnx; Run uses the C interface, which
// has none.
class OnnxClassifier final : public Classifier {
 public:
  // Throws Ort::Exception; the model is checked against nothing yet.
  OnnxClassifier(std::span<const std::uint8_t> model, const LoadSettings& settings);

  // Throws Ort::Exception. Names, types and shapes as the contract says, or its own message.
  Status CheckAgainst(const bundle::Contract& contract, std::size_t labels) const;
  // Throws Ort::Exception. Makes the buffers and binds them; once, after the check.
  void Bind(const bundle::Contract& contract, std::size_t labels);

  int threads() const override { return threads_; }
  std::span<float> floats(std::size_t /*window*/) override { return input_.values(); }
  RunOutcome Run(std::size_t windows) override;
  std::span<const float> logits(std::size_t /*window*/) const override { return logits_.values(); }
  std::span<const std::uint8_t> extra_output(std::size_t window, std::size_t index) const override;
  void Terminate() override;
  void ResetTerminate() override;
  const std::string& last_error() const override { return last_error_; }
  std::string name() const override { return std::string(kOnnxRuntimeKey); }
  std::string description() const override;

 private:
  struct Extra {
    std::vector<std::uint8_t> values;
    Ort::Value value{nullptr};
  };

  Status CheckExtra(const bundle::ExtraOutput& wanted, const std::vector<std::string>& names) const;
  std::vector<std::string> OutputNames() const;
  std::vector<std::int64_t> ShapeOfOutput(const std::string& name) const;
  RunOutcome Failed(OrtStatus* status);

  // Constant after Bind.
  const int threads_;
  Ort::Env env_;
  Ort::Session session_;
  AlignedFloats input_;
  AlignedFloats logits_;
  Ort::Value input_value_{nullptr};
  Ort::Value logits_value_{nullptr};
  std::vector<Extra> extra_;  // in the order of the contract
  Ort::IoBinding binding_;
  // Shared: Terminate comes from other threads.
  Ort::RunOptions run_options_;
  std::atomic<bool> terminate_{false};
  // The running thread's.
  std::string last_error_;
};

}  // namespace taktgate::infer

#endif  // TAKTGATE_INFER_ONNX_CLASSIFIER_H_
