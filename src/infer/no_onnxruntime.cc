// In the place of onnx_*.cc where taktgate is built without ONNX Runtime.
#include "infer/onnx_engine.h"

namespace taktgate::infer {

Result<std::unique_ptr<Classifier>> LoadOnnx(const bundle::Release& release,
                                             const LoadSettings& settings) {
  return Error{
      ErrorCode::kUnsupported,
      "expected a release that runs without ONNX Runtime, as this taktgate was built "
      "without it, got one " +
          (release.network.empty()
               ? "without a compiled network; make the bundle again with "
                 "`taktgate-prep pack`"
               : "that is to run on ONNX Runtime; " + RemedyFor(settings.choice, kTaktgateKey)) +
          ", or install a taktgate with ONNX Runtime"};
}

std::string OnnxRuntimeVersion() { return "is not in this build"; }

}  // namespace taktgate::infer
