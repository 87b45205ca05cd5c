#include "infer/engine_choice.h"

#include "int8/kernels/isa.h"

namespace taktgate::infer {

std::string EngineChoicesInWords() {
  return "auto, onnxruntime, taktgate, or taktgate/KERNELS (as taktgate/scalar)";
}

Result<EngineChoice> ParseEngineChoice(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view engine = text.substr(0, slash);
  if (slash == std::string_view::npos && engine == "auto") return EngineChoice{};
  if (engine == kTaktgateKey && slash != std::string_view::npos) {
    const std::string_view kernels = text.substr(slash + 1);
    const auto known = int8::IsaNamed(kernels);
    if (!known) return known.error();
    return EngineChoice{std::string(engine), std::string(kernels)};
  }
  if (slash == std::string_view::npos && (engine == kTaktgateKey || engine == kOnnxRuntimeKey)) {
    return EngineChoice{std::string(engine), {}};
  }
  return Invalid("expected " + EngineChoicesInWords() + ", got '" + std::string(text) + "'");
}

}  // namespace taktgate::infer
