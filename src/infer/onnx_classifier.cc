#include "infer/onnx_classifier.h"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "infer/onnx_engine.h"

namespace taktgate::infer {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t kLongestError = 500;

// The runtime's own log would go to stderr; what it has to say comes back as a status as well.
// (The logger belongs to the whole process, so it must not point to anything of ours.)
void DiscardLog(void*, OrtLoggingLevel, const char*, const char*, const char*, const char*) {}

Ort::SessionOptions OptionsOf(const LoadSettings& settings) {
  Ort::SessionOptions options;
  options.SetExecutionMode(ORT_SEQUENTIAL);
  options.SetIntraOpNumThreads(settings.threads);
  options.SetInterOpNumThreads(1);
  options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  options.EnableMemPattern();
  options.EnableCpuMemArena();
  options.AddConfigEntry("session.intra_op.allow_spinning", "0");
  options.AddConfigEntry("session.inter_op.allow_spinning", "0");
  // Without VNNI the 16-bit sums of uint8 x int8 saturate, and the answer is different.
  options.AddConfigEntry("session.x64quantprecision", "1");
  return options;
}

std::string ShapeText(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i == 0 ? "" : ", ") + (shape[i] < 0 ? "?" : std::to_string(shape[i]));
  }
  return text + "]";
}

std::vector<std::int64_t> SidesAboveOne(std::vector<std::int64_t> shape) {
  std::erase(shape, 1);
  return shape;
}

Error Mismatch(const std::string& where, const std::string& expected, const std::string& came,
               const std::string& advice) {
  return {ErrorCode::kInvalid, where + ": expected " + expected + ", got " + came + "; " + advice};
}

// One tensor of the model, input or output.
struct Side {
  std::string kind;
  std::vector<std::string> names;
  std::string wanted_name;
  std::vector<std::int64_t> wanted_shape;
  std::string shape_meaning;
};

Status CheckNames(const Side& side, std::size_t count) {
  const std::string wanted = std::to_string(count) + " " + side.kind + (count == 1 ? "" : "s");
  if (side.names.size() != count) {
    return Mismatch("model " + side.kind + "s", wanted + " as in the contract",
                    std::to_string(side.names.size()), "export the model with these alone");
  }
  if (std::find(side.names.begin(), side.names.end(), side.wanted_name) == side.names.end()) {
    return Mismatch("model " + side.kind, "the name \"" + side.wanted_name + "\" of the contract",
                    "\"" + side.names[0] + "\"", "correct the contract or the model");
  }
  return {};
}

Status CheckTensor(const Side& side, const Ort::TypeInfo& type) {
  const std::string where = "model " + side.kind + " \"" + side.wanted_name + "\"";
  if (type.GetONNXType() != ONNX_TYPE_TENSOR) {
    return Mismatch(where, "a float32 tensor", "no tensor", "export the model again");
  }
  const auto tensor = type.GetTensorTypeAndShapeInfo();
  if (tensor.GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) {
    return Mismatch(
        where, "float32",
        "element type " + std::to_string(static_cast<int>(tensor.GetElementType())) + " of ONNX",
        "export the model with float32 at its ends");
  }
  const std::vector<std::int64_t> shape = tensor.GetShape();
  if (std::any_of(shape.begin(), shape.end(), [](std::int64_t size) { return size < 0; })) {
    return Mismatch(where, "the static shape " + ShapeText(side.wanted_shape),
                    "the dynamic shape " + ShapeText(shape),
                    "export the model with fixed sizes and a batch of 1");
  }
  if (shape != side.wanted_shape) {
    return Mismatch(where,
                    "the shape " + ShapeText(side.wanted_shape) + " (" + side.shape_meaning + ")",
                    ShapeText(shape), "use the contract and the labels that belong to this model");
  }
  return {};
}

}  // namespace

OnnxClassifier::OnnxClassifier(std::span<const std::uint8_t> model, const LoadSettings& settings)
    : threads_(settings.threads),
      env_(ORT_LOGGING_LEVEL_ERROR, "taktgate", &DiscardLog, nullptr),
      session_(env_, model.data(), model.size(), OptionsOf(settings)),
      binding_(session_) {
  last_error_.reserve(kLongestError);
}

Status OnnxClassifier::CheckAgainst(const bundle::Contract& contract, std::size_t labels) const {
  const image::InputContract& input = contract.input;
  Ort::AllocatorWithDefaultOptions allocator;
  Side in{"input",
          {},
          input.tensor_name,
          {1, input.channel_count(), input.height, input.width},
          "batch, channels, height, width of the contract"};
  for (std::size_t i = 0; i < session_.GetInputCount(); ++i) {
    in.names.emplace_back(session_.GetInputNameAllocated(i, allocator).get());
  }
  Side out{"output",
           OutputNames(),
           contract.logits_name,
           {1, static_cast<std::int64_t>(labels)},
           "batch, one logit per label"};
  if (Status names = CheckNames(in, 1); !names) return names;
  if (Status tensor = CheckTensor(in, session_.GetInputTypeInfo(0)); !tensor) return tensor;
  if (Status names = CheckNames(out, 1 + contract.extra_outputs.size()); !names) return names;
  const auto logits = std::find(out.names.begin(), out.names.end(), out.wanted_name);
  const auto at = static_cast<std::size_t>(logits - out.names.begin());
  if (Status fits = CheckTensor(out, session_.GetOutputTypeInfo(at)); !fits) return fits;
  for (const bundle::ExtraOutput& extra : contract.extra_outputs) {
    if (Status fits = CheckExtra(extra, out.names); !fits) return fits;
  }
  return {};
}

Status OnnxClassifier::CheckExtra(const bundle::ExtraOutput& wanted,
                                  const std::vector<std::string>& names) const {
  const auto found = std::find(names.begin(), names.end(), wanted.name);
  if (found == names.end()) {
    return Mismatch("model outputs", "the name \"" + wanted.name + "\" of the contract", "none",
                    "correct the contract or the model");
  }
  const Ort::TypeInfo type =
      session_.GetOutputTypeInfo(static_cast<std::size_t>(found - names.begin()));
  const std::string where = "model output \"" + wanted.name + "\"";
  if (type.GetONNXType() != ONNX_TYPE_TENSOR ||
      type.GetTensorTypeAndShapeInfo().GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8) {
    return Mismatch(where, "a tensor of uint8", "another type", "export the model again");
  }
  const std::vector<std::int64_t> shape = type.GetTensorTypeAndShapeInfo().GetShape();
  const auto sides = SidesAboveOne(shape);
  if (sides != SidesAboveOne({wanted.height, wanted.width})) {
    return Mismatch(where, std::to_string(wanted.size()) + " values as in the contract",
                    "the shape " + ShapeText(shape), "use the contract of this model");
  }
  return {};
}

void OnnxClassifier::Bind(const bundle::Contract& contract, std::size_t labels) {
  const image::InputContract& input = contract.input;
  input_ = AlignedFloats(input.tensor_size(), 0.0F);
  logits_ = AlignedFloats(labels, kNan);
  const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  const std::array<std::int64_t, 4> in = {1, input.channel_count(), input.height, input.width};
  const std::array<std::int64_t, 2> out = {1, static_cast<std::int64_t>(labels)};
  input_value_ = Ort::Value::CreateTensor<float>(memory, input_.values().data(),
                                                 input_.values().size(), in.data(), in.size());
  logits_value_ = Ort::Value::CreateTensor<float>(memory, logits_.values().data(),
                                                  logits_.values().size(), out.data(), out.size());
  binding_.BindInput(input.tensor_name.c_str(), input_value_);
  binding_.BindOutput(contract.logits_name.c_str(), logits_value_);
  extra_.reserve(contract.extra_outputs.size());
  for (const bundle::ExtraOutput& wanted : contract.extra_outputs) {
    Extra& extra = extra_.emplace_back();
    extra.values.assign(wanted.size(), 0);
    const std::vector<std::int64_t> shape = ShapeOfOutput(wanted.name);
    extra.value = Ort::Value::CreateTensor<std::uint8_t>(
        memory, extra.values.data(), extra.values.size(), shape.data(), shape.size());
    binding_.BindOutput(wanted.name.c_str(), extra.value);
  }
}

std::vector<std::int64_t> OnnxClassifier::ShapeOfOutput(const std::string& name) const {
  const std::vector<std::string> names = OutputNames();
  const auto at = std::find(names.begin(), names.end(), name) - names.begin();
  return session_.GetOutputTypeInfo(static_cast<std::size_t>(at))
      .GetTensorTypeAndShapeInfo()
      .GetShape();
}

std::vector<std::string> OnnxClassifier::OutputNames() const {
  Ort::AllocatorWithDefaultOptions allocator;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < session_.GetOutputCount(); ++i) {
    names.emplace_back(session_.GetOutputNameAllocated(i, allocator).get());
  }
  return names;
}

std::span<const std::uint8_t> OnnxClassifier::extra_output(std::size_t /*window*/,
                                                           std::size_t index) const {
  return index < extra_.size() ? std::span<const std::uint8_t>(extra_[index].values)
                               : std::span<const std::uint8_t>();
}

RunOutcome OnnxClassifier::Run(std::size_t /*windows*/) {
  std::fill(logits_.values().begin(), logits_.values().end(), kNan);
  if (terminate_.load(std::memory_order_acquire)) return RunOutcome::kTerminated;
  OrtStatus* status = Ort::GetApi().RunWithBinding(session_, run_options_, binding_);
  return status == nullptr ? RunOutcome::kDone : Failed(status);
}

RunOutcome OnnxClassifier::Failed(OrtStatus* status) {
  // Part of the answer may be there already.
  std::fill(logits_.values().begin(), logits_.values().end(), kNan);
  const std::string_view message = Ort::GetApi().GetErrorMessage(status);
  last_error_.assign(message.substr(0, kLongestError));
  Ort::GetApi().ReleaseStatus(status);
  return terminate_.load(std::memory_order_acquire) ? RunOutcome::kTerminated : RunOutcome::kFailed;
}

// Two flags: the runtime's, which ends a run in progress, and our own, which tells that from a
// failure. Where a request and its reset overlap, the worst is a run that is reported as failed.
void OnnxClassifier::Terminate() {
  terminate_.store(true, std::memory_order_release);
  Ort::GetApi().ReleaseStatus(Ort::GetApi().RunOptionsSetTerminate(run_options_));
}

void OnnxClassifier::ResetTerminate() {
  Ort::GetApi().ReleaseStatus(Ort::GetApi().RunOptionsUnsetTerminate(run_options_));
  terminate_.store(false, std::memory_order_release);
}

std::string OnnxClassifier::description() const {
  return "ONNX Runtime " + OnnxRuntimeVersion() + ", " + std::to_string(threads_) +
         (threads_ == 1 ? " thread" : " threads");
}

std::string OnnxRuntimeVersion() { return Ort::GetVersionString(); }

}  // namespace taktgate::infer
