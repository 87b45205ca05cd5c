#include "infer/onnx_engine.h"

#include <algorithm>
#include <exception>
#include <string>
#include <system_error>

#include "base/thread_refused.h"
#include "infer/onnx_classifier.h"
#include "infer/onnx_file.h"

namespace taktgate::infer {
namespace {

constexpr std::size_t kLongestWords = 400;

// The runtime's words on one line.
Error Refused(std::string words) {
  std::replace(words.begin(), words.end(), '\n', ' ');
  if (words.size() > kLongestWords) words = words.substr(0, kLongestWords) + "...";
  return {ErrorCode::kInvalid,
          std::string("expected an ONNX model that the runtime can load, got one it refuses: ") +
              words + "; export the model again with operators it knows"};
}

Result<std::unique_ptr<Classifier>> Open(const bundle::Release& release,
                                         const LoadSettings& settings) {
  auto classifier = std::make_unique<OnnxClassifier>(release.model, settings);
  const std::size_t labels = release.labels.size();
  if (Status fits = classifier->CheckAgainst(release.contract, labels); !fits) return fits.error();
  classifier->Bind(release.contract, labels);
  return std::unique_ptr<Classifier>(std::move(classifier));
}

}  // namespace

Result<std::unique_ptr<Classifier>> LoadOnnx(const bundle::Release& release,
                                             const LoadSettings& settings) {
  if (Status sound = CheckOnnxFile(release.model); !sound) return sound.error();
  try {
    return Open(release, settings);
  } catch (const std::system_error& refused) {
    return ThreadRefused("a thread", refused);
  } catch (const std::exception& error) {  // Ort::Exception is one; no exception crosses a room
    return Refused(error.what());
  }
}

}  // namespace taktgate::infer
