#ifndef TAKTGATE_INFER_LOAD_H_
#define TAKTGATE_INFER_LOAD_H_

#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "bundle/release.h"
#include "infer/classifier.h"
#include "infer/engine.h"

namespace taktgate::infer {

// Loads a release with the engine that was asked for, or the first that accepts it, and warms it
// up. unsupported: no such engine accepts it. invalid: the engine's own message, a run that fails
// or does not come back, or an answer that is no number. io: no memory or thread for it.
Result<std::unique_ptr<Classifier>> Load(const bundle::Release& release,
                                         const LoadSettings& settings = {});

// The same with one of these.
Result<std::unique_ptr<Classifier>> LoadBy(std::span<const Engine> engines,
                                           const bundle::Release& release,
                                           const LoadSettings& settings);

// "ONNX Runtime 1.32.0\n" and so on: what this program can run models with, one line each.
std::string EnginesInWords();

// The same of these.
std::string EnginesInWords(std::span<const Engine> engines);

}  // namespace taktgate::infer

#endif  // TAKTGATE_INFER_LOAD_H_
