#ifndef TAKTGATE_INFER_INT8_ENGINE_H_
#define TAKTGATE_INFER_INT8_ENGINE_H_

#include <memory>
#include <string>

#include "infer/engine.h"

namespace taktgate::infer {

// Reads the compiled network of a release and checks it against the contract: size of the input,
// one logit per label, every extra output. A release without one is right. Nothing is run.
Status CheckCompiledNetwork(const bundle::Release& release);

// The same, and makes it ready. unsupported: this CPU lacks the kernels that were asked for.
Result<std::unique_ptr<Classifier>> LoadInt8(const bundle::Release& release,
                                             const LoadSettings& settings);

// The format of networks that it reads, and the kernels that this CPU has.
std::string Int8EngineVersion();

inline constexpr Engine kInt8Engine = {
    "taktgate INT8",
    kTaktgateKey,
    "a compiled network",
    Int8EngineVersion,
    [](const bundle::Release& release) { return !release.network.empty(); },
    LoadInt8};

}  // namespace taktgate::infer

#endif  // TAKTGATE_INFER_INT8_ENGINE_H_
