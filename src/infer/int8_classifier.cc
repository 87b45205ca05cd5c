#include "infer/int8_classifier.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "infer/engine_choice.h"

namespace taktgate::infer {

Int8Classifier::Int8Classifier(std::unique_ptr<int8::Engine> engine,
                               std::vector<std::size_t> extras)
    : engine_(std::move(engine)),
      extras_(std::move(extras)),
      no_logits_(engine_->logits(0).size(), std::numeric_limits<float>::quiet_NaN()),
      planes_(static_cast<std::size_t>(engine_->input().channels)),
      is_set_(static_cast<std::size_t>(engine_->most_windows())) {}

void Int8Classifier::SetPixels(std::size_t window, std::span<const image::Plane> channels) {
  is_set_[window] = channels.size() == planes_.size() ? 1 : 0;
  if (is_set_[window] == 0) return;
  std::ranges::transform(channels, planes_.begin(), [](const image::Plane& plane) {
    return int8::Plane{plane.first, plane.row_step, plane.step};
  });
  engine_->SetInput(static_cast<int>(window), planes_);
}

RunOutcome Int8Classifier::Run(std::size_t windows) {
  answered_ = 0;
  const auto wanted = std::span(is_set_).first(windows);
  if (std::ranges::find(wanted, 0) != wanted.end()) return RunOutcome::kFailed;
  if (!engine_->Run(static_cast<int>(windows))) return RunOutcome::kTerminated;
  answered_ = windows;
  return RunOutcome::kDone;
}

std::span<const float> Int8Classifier::logits(std::size_t window) const {
  return window < answered_ ? engine_->logits(static_cast<int>(window)) : no_logits_;
}

std::span<const std::uint8_t> Int8Classifier::extra_output(std::size_t window,
                                                           std::size_t index) const {
  if (index >= extras_.size()) return {};
  return engine_->extra_output(static_cast<int>(window), extras_[index]);
}

std::string Int8Classifier::name() const {
  return std::string(kTaktgateKey) + "/" + std::string(int8::NameOf(engine_->isa()));
}

std::string Int8Classifier::description() const {
  const std::size_t windows = most_windows();
  return "taktgate INT8 engine, " + std::string(int8::NameOf(engine_->isa())) + " kernels, " +
         std::to_string(windows) + (windows == 1 ? " window" : " windows") + " a run, " +
         std::to_string(threads()) + (threads() == 1 ? " thread" : " threads");
}

std::string Int8Classifier::warning() const {
  if (engine_->left_out().empty()) return {};
  return "kernels " + int8::NamesOf(engine_->left_out()) +
         " gave other bytes than the scalar ones on this CPU and are not " +
         "used; please report it with the CPU's name";
}

}  // namespace taktgate::infer
