#include "infer/warm_up.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "infer/run_limit.h"

namespace taktgate::infer {
namespace {

constexpr int kLeastRuns = 10;
constexpr Duration kTime = std::chrono::milliseconds(200);

// Pixels that no kernel could fold into a constant, the same every time.
std::uint8_t MadeUpPixel(std::size_t place) {
  return static_cast<std::uint8_t>(static_cast<std::uint32_t>(place) * 2654435761U >> 24);
}

void FillFloats(const image::InputContract& contract, std::span<float> input) {
  const std::size_t plane =
      contract.tensor_size() / static_cast<std::size_t>(contract.channel_count());
  for (std::size_t i = 0; i < input.size(); ++i) {
    const std::size_t channel = i / plane;
    input[i] =
        static_cast<float>(MadeUpPixel(i) * contract.scale[channel] + contract.offset[channel]);
  }
}

std::vector<std::uint8_t> MadeUpPixels(const image::InputContract& contract) {
  std::vector<std::uint8_t> pixels(contract.tensor_size());
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = MadeUpPixel(i);
  return pixels;
}

// One after the other.
std::vector<image::Plane> PlanesOf(const std::vector<std::uint8_t>& pixels,
                                   const image::InputContract& contract) {
  std::vector<image::Plane> planes(static_cast<std::size_t>(contract.channel_count()));
  for (std::size_t channel = 0; channel < planes.size(); ++channel) {
    planes[channel] = {pixels.data() + channel * (pixels.size() / planes.size()), contract.width,
                       1};
  }
  return planes;
}

void FillInputs(Classifier& classifier, const image::InputContract& contract,
                std::span<const image::Plane> planes) {
  for (std::size_t window = 0; window < classifier.most_windows(); ++window) {
    FillFloats(contract, classifier.floats(window));
    classifier.SetPixels(window, planes);
  }
}

Status CheckAnswers(const Classifier& classifier) {
  for (std::size_t window = 0; window < classifier.most_windows(); ++window) {
    const std::span<const float> answer = classifier.logits(window);
    if (std::all_of(answer.begin(), answer.end(),
                    [](float value) { return std::isfinite(value); })) {
      continue;
    }
    return Error{ErrorCode::kInvalid,
                 "expected finite logits for an ordinary image, got infinite ones or NaN; check "
                 "the model's weights and the contract's scale and offset"};
  }
  return {};
}

// A run that is told to stop before it begins has no answer.
void Forget(Classifier& classifier) {
  for (std::size_t window = 0; window < classifier.most_windows(); ++window) {
    std::ranges::fill(classifier.floats(window), 0.0F);
    classifier.SetPixels(window, {});
  }
  classifier.Terminate();
  (void)classifier.Run(classifier.most_windows());
  classifier.ResetTerminate();
}

}  // namespace

Status WarmUp(Classifier& classifier, const image::InputContract& contract,
              const LoadSettings& settings) {
  const std::vector<std::uint8_t> pixels = MadeUpPixels(contract);
  FillInputs(classifier, contract, PlanesOf(pixels, contract));
  RunLimit limit(classifier, settings.longest_run);
  const TimePoint enough = std::chrono::steady_clock::now() + kTime;
  for (int i = 0; i < settings.warm_up_runs; ++i) {
    if (i >= kLeastRuns && std::chrono::steady_clock::now() >= enough) break;
    limit.Begin();
    const RunOutcome outcome = classifier.Run(classifier.most_windows());
    if (Status came = limit.Check(); !came) return came;
    if (outcome != RunOutcome::kDone) {
      return Error{ErrorCode::kInvalid, "expected the model to run, got: " +
                                            classifier.last_error() + "; export the model again"};
    }
    if (Status finite = CheckAnswers(classifier); !finite) return finite;
  }
  Forget(classifier);
  return {};
}

}  // namespace taktgate::infer
