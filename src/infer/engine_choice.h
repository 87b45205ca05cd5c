#ifndef TAKTGATE_INFER_ENGINE_CHOICE_H_
#define TAKTGATE_INFER_ENGINE_CHOICE_H_

#include <string>
#include <string_view>

#include "base/result.h"

namespace taktgate::infer {

inline constexpr std::string_view kTaktgateKey = "taktgate";
inline constexpr std::string_view kOnnxRuntimeKey = "onnxruntime";

// Which engine somebody asks for.
struct EngineChoice {
  std::string engine;   // the key of one; empty: the first that takes the release
  std::string kernels;  // of the INT8 engine, by name; empty: the fastest that are right here
  std::string where;    // they ask for it, as messages name the place: "--runtime"; empty: unknown
};

// What people may write, with the name of every set of kernels: "auto, taktgate, ...".
std::string EngineChoicesInWords();

// "auto", "taktgate", "taktgate/avx2", "onnxruntime": as station files and options name it, and as
// a classifier says which it is. invalid: anything else.
Result<EngineChoice> ParseEngineChoice(std::string_view text, std::string_view where = {});

// What to do where a choice cannot be met: "--runtime: ask for auto".
std::string RemedyFor(const EngineChoice& choice, std::string_view instead);

}  // namespace taktgate::infer

#endif  // TAKTGATE_INFER_ENGINE_CHOICE_H_
