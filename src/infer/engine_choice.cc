#include "infer/engine_choice.h"

#include <cstdint>

#include "int8/kernels/isa.h"

namespace taktgate::infer {
namespace {

// Of every kind of CPU; the last one has no name.
std::string KernelsInWords() {
  std::string names;
  for (std::uint8_t k = 0; !int8::NameOf(int8::Isa{k}).empty(); ++k) {
    names += (names.empty() ? "" : ", ") + std::string(int8::NameOf(int8::Isa{k}));
  }
  return names;
}

}  // namespace

std::string EngineChoicesInWords() {
  return "auto, onnxruntime, taktgate, or taktgate/KERNELS (KERNELS: " + KernelsInWords() + ")";
}

Result<EngineChoice> ParseEngineChoice(std::string_view text, std::string_view where) {
  const std::size_t slash = text.find('/');
  const std::string_view engine = text.substr(0, slash);
  EngineChoice choice{{}, {}, std::string(where)};
  if (slash == std::string_view::npos && engine == "auto") return choice;
  choice.engine = engine;
  if (slash == std::string_view::npos && (engine == kTaktgateKey || engine == kOnnxRuntimeKey)) {
    return choice;
  }
  if (slash != std::string_view::npos && engine == kTaktgateKey) {
    choice.kernels = text.substr(slash + 1);
    if (int8::IsaNamed(choice.kernels)) return choice;
  }
  return Invalid("expected " + EngineChoicesInWords() + ", got '" + std::string(text) + "'");
}

std::string RemedyFor(const EngineChoice& choice, std::string_view instead) {
  return (choice.where.empty() ? "" : choice.where + ": ") + "ask for " + std::string(instead);
}

}  // namespace taktgate::infer
