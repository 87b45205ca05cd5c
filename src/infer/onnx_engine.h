#ifndef TAKTGATE_INFER_ONNX_ENGINE_H_
#define TAKTGATE_INFER_ONNX_ENGINE_H_

#include <memory>
#include <string>

#include "infer/engine.h"

namespace taktgate::infer {

// Checks the model against the contract: input and output names, float32, static shapes, one logit
// per label, no external data, no custom operators.
Result<std::unique_ptr<Classifier>> LoadOnnx(const bundle::Release& release,
                                             const LoadSettings& settings);

// As the loaded library reports it; without it in this build, that.
std::string OnnxRuntimeVersion();

inline constexpr Engine kOnnxEngine = {
    "ONNX Runtime",
    kOnnxRuntimeKey,
    "an ONNX model",
    OnnxRuntimeVersion,
    [](const bundle::Release& release) { return !release.model.empty(); },
    LoadOnnx};

}  // namespace taktgate::infer

#endif  // TAKTGATE_INFER_ONNX_ENGINE_H_
