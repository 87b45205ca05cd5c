#include "infer/load.h"

#include "infer/int8_engine.h"
#include "infer/onnx_engine.h"
#include "infer/warm_up.h"

namespace taktgate::infer {
namespace {

constexpr int kMaxThreads = 64;
constexpr int kMaxWarmUpRuns = 10'000;

// One line each, the preferred one first.
constexpr Engine kEngines[] = {
    kInt8Engine,
    kOnnxEngine,
};

Status CheckSettings(const LoadSettings& settings) {
  if (settings.threads < 1 || settings.threads > kMaxThreads) {
    return Error{ErrorCode::kInvalid, "inference threads: expected a whole number from 1 to " +
                                          std::to_string(kMaxThreads) + ", got " +
                                          std::to_string(settings.threads) +
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

Error NoneTakes(std::span<const Engine> engines, const EngineChoice& choice) {
  std::string names;
  for (const Engine& engine : engines) {
    if (engine.key == choice.engine) {
      return {ErrorCode::kUnsupported,
              "expected a release with " + std::string(engine.needs) + ", as the engine " +
                  choice.engine + " was asked for, got one without it; " +
                  RemedyFor(choice, "auto") + ", or pack the release again"};
    }
    names += (names.empty() ? "" : ", ") + std::string(engine.name);
  }
  return {ErrorCode::kUnsupported, "expected a model that one of " + names +
                                       " runs, got one that none of them accepts; pack it for "
                                       "this version of taktgate"};
}

}  // namespace

Result<std::unique_ptr<Classifier>> LoadBy(std::span<const Engine> engines,
                                           const bundle::Release& release,
                                           const LoadSettings& settings) {
  if (Status right = CheckSettings(settings); !right) return right.error();
  const EngineChoice& choice = settings.choice;
  for (const Engine& engine : engines) {
    if (!choice.engine.empty() && choice.engine != engine.key) continue;
    if (!engine.takes(release)) continue;
    auto classifier = engine.load(release, settings);
    if (!classifier) return classifier;
    if (Status warm = WarmUp(**classifier, release.contract.input, settings); !warm) {
      return warm.error();
    }
    return classifier;
  }
  return NoneTakes(engines, choice);
}

Result<std::unique_ptr<Classifier>> Load(const bundle::Release& release,
                                         const LoadSettings& settings) {
  return LoadBy(kEngines, release, settings);
}

std::string EnginesInWords() { return EnginesInWords(kEngines); }

std::string EnginesInWords(std::span<const Engine> engines) {
  std::string lines;
  for (const Engine& engine : engines) {
    lines += std::string(engine.name) + " " + engine.version() + "\n";
  }
  return lines;
}

}  // namespace taktgate::infer
