#ifndef TAKTGATE_INFER_CLASSIFIER_H_
#define TAKTGATE_INFER_CLASSIFIER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "image/frame.h"

namespace taktgate::infer {

enum class RunOutcome : std::uint8_t {
  kDone,
  kTerminated,  // told to stop before it was ready; the output must not be read
  kFailed,      // the runtime reported an error; last_error() has its words
};

// How a model takes its input.
enum class InputType : std::uint8_t {
  kFloat32,  // NCHW, scaled as the contract says: contract.tensor_size() values
  kUint8,    // the pixels themselves, a plane for each channel: the model holds scale and offset
};

// One loaded model with its input and output in fixed buffers, for one or several windows a run.
//
// Threads: inputs, Run and outputs from one thread; Terminate and ResetTerminate from any.
class Classifier {
 public:
  virtual ~Classifier() = default;

  virtual InputType input_type() const { return InputType::kFloat32; }
  // How many threads one Run uses, the calling one among them.
  virtual int threads() const { return 1; }
  // How many windows one Run can take.
  virtual std::size_t most_windows() const { return 1; }

  // Float32: where window `window` of the next run is written.
  virtual std::span<float> floats(std::size_t /*window*/) { return {}; }
  // Uint8: where the channels of a window lie. Every run reads them there, until they are set
  // again. Empty: nowhere any more; a run fails.
  virtual void SetPixels(std::size_t /*window*/, std::span<const image::Plane> /*channels*/) {}

  // On the first `windows` windows, 1 to most_windows(). Blocks until ready or terminated. Our side
  // allocates nothing.
  virtual RunOutcome Run(std::size_t windows) = 0;

  // One logit per label. Meaningful only after Run gave kDone, for windows of that run; NaN before
  // and after any other outcome, so that an old answer can never be read again.
  virtual std::span<const float> logits(std::size_t window) const = 0;

  // What the model gives besides the logits; `index` counts contract.extra_outputs. To be read only
  // when Run gave kDone. Empty where the contract names no such output.
  virtual std::span<const std::uint8_t> extra_output(std::size_t /*window*/,
                                                     std::size_t /*index*/) const {
    return {};
  }

  // Asks a Run in progress (or the next one) to stop as soon as it can. Lock-free.
  virtual void Terminate() = 0;
  // Withdraws the request. The owner of the run order calls it before it starts a new run.
  virtual void ResetTerminate() = 0;

  virtual const std::string& last_error() const = 0;
  // Engine and kernels as records name them and EngineChoice asks for them: "taktgate/avx2".
  virtual std::string name() const = 0;
  // Engine and model in words: "ONNX Runtime 1.32.0, 1 thread".
  virtual std::string description() const { return name(); }
  // What a person should know of it; empty: nothing.
  virtual std::string warning() const { return {}; }
};

}  // namespace taktgate::infer

#endif  // TAKTGATE_INFER_CLASSIFIER_H_
