// What the INT8 engine is for: faster than ONNX Runtime on the same INT8 model. The ratio is loose,
// so that it holds on every CPU and beside any load.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "bundle/read_bundle.h"
#include "infer/load.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace taktgate::infer {
namespace {

constexpr double kMostRatio = 0.8;
constexpr int kLeastRounds = 200;
constexpr int kMostRounds = 1'000;

// qemu-user translates both engines into other code: what is timed is the translation.
bool CpuIsEmulated() {
  if (std::getenv("QEMU_CPU") != nullptr) return true;
#if defined(__x86_64__)
  std::array<unsigned, 4> words{};
  __cpuid(0x40000000, words[0], words[1], words[2], words[3]);
  return words[1] == 0x54474354;  // "TCGT"
#else
  return false;
#endif
}

// All windows of a part on one engine.
class WholePart {
 public:
  WholePart(const bundle::Release& release, std::string_view engine)
      : windows_(release.recipe.windows.size()),
        pixels_(windows_ * release.contract.input.tensor_size()) {
    LoadSettings settings;
    settings.choice = ParseEngineChoice(engine).value();
    auto loaded = Load(release, settings);
    if (!loaded) {
      refused_ = loaded.error().message;
      return;
    }
    classifier_ = std::move(*loaded);
    for (std::size_t i = 0; i < pixels_.size(); ++i) {
      pixels_[i] = static_cast<std::uint8_t>(static_cast<std::uint32_t>(i) * 2654435761U >> 24);
    }
    for (std::size_t k = 0; k < classifier_->most_windows(); ++k) Show(release.contract.input, k);
  }

  const std::string& refused() const { return refused_; }

  // The time of all windows.
  Duration Run() {
    const TimePoint begun = std::chrono::steady_clock::now();
    std::size_t left = windows_;
    while (left > 0) {
      const std::size_t now = std::min(left, classifier_->most_windows());
      EXPECT_EQ(classifier_->Run(now), RunOutcome::kDone) << classifier_->last_error();
      left -= now;
    }
    return std::chrono::steady_clock::now() - begun;
  }

 private:
  void Show(const image::InputContract& contract, std::size_t window) {
    const auto channels = static_cast<std::size_t>(contract.channel_count());
    const std::size_t plane = contract.tensor_size() / channels;
    const std::uint8_t* const first = pixels_.data() + window * contract.tensor_size();
    const std::span<float> floats = classifier_->floats(window);
    for (std::size_t i = 0; i < floats.size(); ++i) {
      floats[i] =
          static_cast<float>(first[i] * contract.scale[i / plane] + contract.offset[i / plane]);
    }
    std::vector<image::Plane> planes;
    for (std::size_t c = 0; c < channels; ++c) {
      planes.push_back({first + c * plane, contract.width, 1});
    }
    classifier_->SetPixels(window, planes);
  }

  std::size_t windows_;
  std::vector<std::uint8_t> pixels_;
  std::unique_ptr<Classifier> classifier_;
  std::string refused_;
};

TEST(Int8Engine, IsFasterThanOnnxRuntimeOnTheDemoBoard) {
#ifdef TAKTGATE_SANITIZED
  GTEST_SKIP() << "a sanitizer slows our code down, and not that of ONNX Runtime";
#endif
  if (CpuIsEmulated()) GTEST_SKIP() << "an emulator has no speed of its own";
  const auto release = bundle::ReadBundleFile(TAKTGATE_DEMO_BUNDLE);
  ASSERT_TRUE(release) << release.error().message;
  ASSERT_FALSE(release->recipe.windows.empty());
  WholePart ours(*release, kTaktgateKey);
  WholePart theirs(*release, kOnnxRuntimeKey);
  ASSERT_EQ(ours.refused(), "");
  ASSERT_EQ(theirs.refused(), "");
  // In turns, and the least of each: another program disturbs some rounds, and never all.
  Duration our_least = Duration::max();
  Duration their_least = Duration::max();
  double ratio = 0;
  for (int round = 0; round < kMostRounds; ++round) {
    if (round >= kLeastRounds && ratio <= kMostRatio) break;
    our_least = std::min(our_least, ours.Run());
    their_least = std::min(their_least, theirs.Run());
    ratio = static_cast<double>(our_least.count()) / static_cast<double>(their_least.count());
  }
  EXPECT_LE(ratio, kMostRatio) << "ours " << our_least.count() << " ns, ONNX Runtime "
                               << their_least.count() << " ns";
  RecordProperty("ratio", std::to_string(ratio));
}

}  // namespace
}  // namespace taktgate::infer
