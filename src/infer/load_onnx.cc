#include <algorithm>
#include <exception>
#include <string>
#include <system_error>

#include "infer/classifier.h"
#include "infer/onnx_classifier.h"
#include "infer/onnx_file.h"

namespace taktgate::infer {
namespace {

constexpr int kMaxThreads = 64;
constexpr int kMaxWarmUpRuns = 10'000;
constexpr std::size_t kLongestWords = 400;

Status CheckSettings(const OnnxSettings& settings) {
  if (settings.intra_op_threads < 1 || settings.intra_op_threads > kMaxThreads) {
    return Error{ErrorCode::kInvalid, "inference threads: expected a whole number from 1 to " +
                                          std::to_string(kMaxThreads) + ", got " +
                                          std::to_string(settings.intra_op_threads) +
                                          "; 1 is right for most boards"};
  }
  if (settings.warm_up_runs < 1 || settings.warm_up_runs > kMaxWarmUpRuns) {
    return Error{ErrorCode::kInvalid, "warm-up runs: expected a whole number from 1 to " +
                                          std::to_string(kMaxWarmUpRuns) + ", got " +
                                          std::to_string(settings.warm_up_runs) +
                                          "; 50 is a good number"};
  }
  return {};
}

// The runtime's words on one line.
Error Refused(std::string words) {
  std::replace(words.begin(), words.end(), '\n', ' ');
  if (words.size() > kLongestWords) words = words.substr(0, kLongestWords) + "...";
  return {ErrorCode::kInvalid,
          std::string("expected an ONNX model that the runtime can load, got one it refuses: ") +
              words + "; export the model again with operators it knows"};
}

Result<std::unique_ptr<Classifier>> Load(const bundle::Release& release,
                                         const OnnxSettings& settings) {
  auto classifier = std::make_unique<OnnxClassifier>(release.model, settings);
  const std::size_t labels = release.labels.size();
  if (Status fits = classifier->CheckAgainst(release.contract, labels); !fits) return fits.error();
  classifier->Bind(release.contract, labels);
  if (Status warm = classifier->WarmUp(release.contract.input, settings); !warm) {
    return warm.error();
  }
  return std::unique_ptr<Classifier>(std::move(classifier));
}

}  // namespace

Result<std::unique_ptr<Classifier>> LoadOnnx(const bundle::Release& release,
                                             const OnnxSettings& settings) {
  if (Status right = CheckSettings(settings); !right) return right.error();
  if (Status sound = CheckOnnxFile(release.model); !sound) return sound.error();
  try {
    return Load(release, settings);
  } catch (const std::system_error& refused) {
    return Error{ErrorCode::kIo, std::string("a thread cannot be made: ") + refused.what() +
                                     "; look at the memory and at the limits of this process"};
  } catch (const std::exception& error) {  // Ort::Exception is one; no exception crosses a room
    return Refused(error.what());
  }
}

}  // namespace taktgate::infer
