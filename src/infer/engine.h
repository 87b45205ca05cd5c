#ifndef TAKTGATE_INFER_ENGINE_H_
#define TAKTGATE_INFER_ENGINE_H_

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "bundle/release.h"
#include "infer/classifier.h"
#include "infer/engine_choice.h"

namespace taktgate::infer {

// The limit of a run before a line runs: far longer than any model that decides about parts may
// take, also on an emulated or busy core.
inline constexpr Duration kLongestRun = std::chrono::seconds(60);

struct LoadSettings {
  int threads = 1;        // of one run, at most; Classifier::threads() says how many it uses
  int warm_up_runs = 50;  // at most: a model that takes long is warm after a few
  Duration longest_run = kLongestRun;  // of the warm-up
  EngineChoice choice{};
};

// A way to run models. A new one is one file that defines one of these, and one line in load.cc.
struct Engine {
  std::string_view name;
  std::string_view key;    // as EngineChoice asks for it
  std::string_view needs;  // of a release: "an ONNX model"
  // Of the engine itself, as "1.32.0".
  std::string (*version)();
  // Decided from the release alone; the first engine that accepts it gets it.
  bool (*takes)(const bundle::Release& release);
  // From verified bytes, checked against the contract; each mismatch has its own message. Nothing
  // has run yet. No exception.
  Result<std::unique_ptr<Classifier>> (*load)(const bundle::Release& release,
                                              const LoadSettings& settings);
};

}  // namespace taktgate::infer

#endif  // TAKTGATE_INFER_ENGINE_H_
