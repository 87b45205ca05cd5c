#ifndef TAKTGATE_INFER_CLASSIFIER_H_
#define TAKTGATE_INFER_CLASSIFIER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "bundle/release.h"

namespace taktgate::infer {

enum class RunOutcome : std::uint8_t {
  kDone,
  kTerminated,  // told to stop before it was ready; the output must not be read
  kFailed,      // the runtime reported an error; last_error() has its words
};

// One loaded model with its input and output bound to fixed buffers.
//
// Threads: input, Run and logits from one thread; Terminate and ResetTerminate from any.
class Classifier {
 public:
  virtual ~Classifier() = default;

  // NCHW float32, contract.input.tensor_size() values: write here, then Run.
  virtual std::span<float> input() = 0;

  // Blocks until ready or terminated. Our side allocates nothing.
  virtual RunOutcome Run() = 0;

  // One logit per label. Meaningful only after Run gave kDone; NaN before and after any other
  // outcome, so that an old answer can never be read again.
  virtual std::span<const float> logits() const = 0;

  // What the model gives besides the logits, in the order of contract.extra_outputs; empty where
  // the contract names no such output. To be read only when Run gave kDone.
  virtual std::span<const std::uint8_t> extra_output(std::size_t index) const = 0;

  // Asks a Run in progress (or the next one) to stop at the next node. Lock-free.
  virtual void Terminate() = 0;
  // Withdraws the request. The owner of the run order calls it before it starts a new run.
  virtual void ResetTerminate() = 0;

  virtual const std::string& last_error() const = 0;
  // Runtime and model in words: "ONNX Runtime 1.32.0, 1 thread, 54 integer ops".
  virtual std::string description() const = 0;
};

// The limit of a run before a line runs: far longer than any model that decides about parts may
// take, also on an emulated or busy core.
inline constexpr Duration kLongestRun = std::chrono::seconds(60);

struct OnnxSettings {
  int intra_op_threads = 1;
  int warm_up_runs = 50;               // at most: a model that takes long is warm after a few
  Duration longest_run = kLongestRun;  // of the warm-up
};

// Loads a model from verified bytes and checks it against the contract: input and output names,
// float32, static shapes, one logit per label, no external data, no custom operators. Each
// mismatch has its own message. Warm-up runs are over when this returns; a model that does not come
// back from one is refused.
Result<std::unique_ptr<Classifier>> LoadOnnx(const bundle::Release& release,
                                             const OnnxSettings& settings);

// "ONNX Runtime 1.32.0", as the loaded library reports it.
std::string RuntimeVersion();

}  // namespace taktgate::infer

#endif  // TAKTGATE_INFER_CLASSIFIER_H_
