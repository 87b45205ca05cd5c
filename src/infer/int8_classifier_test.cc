#include "infer/int8_classifier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/random.h"
#include "infer/int8_engine.h"
#include "infer/load.h"
#include "infer/test_model.h"
#include "infer/test_network.h"
#include "int8/kernels/kernels.h"
#include "int8/network/reference.h"

namespace taktgate::infer {
namespace {

using testing::NetworkRelease;

constexpr std::size_t kInputs = 6 * 8 * 3;

LoadSettings Quick(std::string_view choice = "auto") {
  return {.warm_up_runs = 2, .choice = ParseEngineChoice(choice).value()};
}

// HWC, as a camera gives them.
struct Picture {
  explicit Picture(std::uint64_t seed) : pixels(kInputs) {
    Random random(seed);
    for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>(random.Whole(0, 255));
    for (std::size_t c = 0; c < 3; ++c) planes[c] = {pixels.data() + c, 6 * 3, 3};
  }
  std::vector<std::uint8_t> pixels;
  std::array<image::Plane, 3> planes;
};

bundle::Release WithWindows(std::size_t windows) {
  bundle::Release release = NetworkRelease();
  release.recipe.windows.assign(windows, {"window", {0, 0, 6, 8}});
  return release;
}

void ExpectRefusal(const bundle::Release& release, std::string_view words,
                   const LoadSettings& settings = Quick(), ErrorCode code = ErrorCode::kInvalid) {
  const auto classifier = Load(release, settings);
  ASSERT_FALSE(classifier) << words;
  EXPECT_EQ(classifier.error().code, code) << classifier.error().message;
  EXPECT_NE(classifier.error().message.find(words), std::string::npos)
      << classifier.error().message;
  EXPECT_NE(classifier.error().message.find("; "), std::string::npos) << "no advice";
}

TEST(Int8Classifier, GivesWhatTheReferenceGivesForAllWindowsOfARunAtOnce) {
  const bundle::Release release = WithWindows(3);
  const auto network = int8::ReadNetwork(release.network).value();
  int8::Reference reference(network);
  auto loaded = Load(release, Quick());
  ASSERT_TRUE(loaded) << loaded.error().message;
  Classifier& sut = **loaded;
  EXPECT_EQ(sut.most_windows(), 3U);
  const std::array<Picture, 3> pictures{Picture(1), Picture(2), Picture(3)};
  for (std::size_t k = 0; k < 3; ++k) sut.SetPixels(k, pictures[k].planes);
  for (const std::size_t windows : {3UL, 2UL}) {
    ASSERT_EQ(sut.Run(windows), RunOutcome::kDone);
    for (std::size_t k = 0; k < windows; ++k) {
      reference.Run(pictures[k].pixels);
      EXPECT_TRUE(std::ranges::equal(sut.logits(k), reference.logits())) << k;
      for (std::size_t index = 0; index < 2; ++index) {
        EXPECT_TRUE(std::ranges::equal(sut.extra_output(k, index),
                                       reference.codes(network.extra_outputs[index].tensor)))
            << k << " " << index;
      }
    }
  }
  EXPECT_TRUE(std::isnan(sut.logits(2)[0])) << "of a window that was not run";
  EXPECT_TRUE(sut.extra_output(0, 2).empty());
}

TEST(Int8Classifier, NothingIsThereToBeReadBeforeARunThatWasDone) {
  auto loaded = Load(WithWindows(2), Quick());
  ASSERT_TRUE(loaded) << loaded.error().message;
  Classifier& sut = **loaded;
  EXPECT_TRUE(std::isnan(sut.logits(0)[0])) << "nothing is left of the warm-up";
  const Picture picture(1);
  sut.SetPixels(0, picture.planes);
  EXPECT_EQ(sut.Run(2), RunOutcome::kFailed) << "of the warm-up's pixels nothing is read";
  EXPECT_EQ(sut.last_error(), "a window has no pixels");
  ASSERT_EQ(sut.Run(1), RunOutcome::kDone);
  const std::vector<float> right(sut.logits(0).begin(), sut.logits(0).end());
  sut.Terminate();
  EXPECT_EQ(sut.Run(1), RunOutcome::kTerminated);
  EXPECT_TRUE(std::isnan(sut.logits(0)[0])) << "never the old answer";
  EXPECT_EQ(sut.Run(1), RunOutcome::kTerminated) << "until it is taken back";
  sut.ResetTerminate();
  ASSERT_EQ(sut.Run(1), RunOutcome::kDone);
  EXPECT_TRUE(std::ranges::equal(sut.logits(0), right));
}

TEST(Int8Classifier, SaysWhichKernelsItUses) {
  const auto loaded = Load(NetworkRelease(), Quick("taktgate/scalar"));
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ((*loaded)->name(), "taktgate/scalar");
  EXPECT_EQ((*loaded)->description(),
            "taktgate INT8 engine, scalar kernels, 1 window a run, 1 thread");
  EXPECT_EQ((*loaded)->warning(), "");
  EXPECT_EQ((*loaded)->threads(), 1);
  const auto any = Load(NetworkRelease(), Quick());
  ASSERT_TRUE(any);
  EXPECT_TRUE((*any)->name().starts_with("taktgate/"));
  EXPECT_TRUE(ParseEngineChoice((*any)->name())) << "what a record says can be asked for";
}

TEST(Int8Classifier, TakesAsManyThreadsAsItCanUse) {
  for (const auto& [threads, words] : {std::pair{2, ", 2 threads"}, std::pair{64, ", 4 threads"}}) {
    LoadSettings settings = Quick();
    settings.threads = threads;
    const auto loaded = Load(NetworkRelease(), settings);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_TRUE((*loaded)->description().ends_with(words)) << (*loaded)->description();
    EXPECT_EQ((*loaded)->threads(), std::min(threads, 4));
  }
}

TEST(Int8Classifier, SaysWhichKernelsWereLeftOut) {
  const int8::Kernels& scalar = *int8::KernelsFor(int8::Isa::kScalar, 8);
  int8::Kernels wrong = scalar;
  wrong.isa = int8::Isa::kAvx2;
  wrong.gate = [](const int8::Gate& work) {
    int8::KernelsFor(int8::Isa::kScalar, 8)->gate(work);
    work.y[3] ^= 1U;
  };
  const auto network = int8::ReadNetwork(NetworkRelease().network).value();
  auto engine = int8::Engine::CreateBy(std::array{&std::as_const(wrong), &scalar}, network, 1);
  ASSERT_TRUE(engine) << engine.error().message;
  const Int8Classifier sut(std::move(*engine), {});
  EXPECT_EQ(sut.name(), "taktgate/scalar");
  EXPECT_EQ(sut.warning(),
            "kernels avx2 gave other bytes than the scalar ones on this CPU and are not used; "
            "please report it with the CPU's name");
}

TEST(Int8Engine, ANetworkThatDoesNotFitItsContractIsRefused) {
  bundle::Release release = NetworkRelease();
  release.contract.input.width = 7;
  ExpectRefusal(
      release,
      "compiled network: input: expected 7 x 8 px with 3 channels as in the contract, got "
      "6 x 8 px with 3 channels");
  release = NetworkRelease();
  release.labels.pop_back();
  ExpectRefusal(release,
                "logits: expected one for each of 4 labels as in the contract, got 5; make the "
                "bundle again");
  release = NetworkRelease();
  release.contract.extra_outputs[0].role = bundle::OutputRole::kChannelMeans;
  ExpectRefusal(release, "expected the output \"output 0\" as in the contract, got none of its");
  release = NetworkRelease();
  release.contract.extra_outputs[1].width += 1;
  ExpectRefusal(release, "output \"output 1\": expected 16 values as in the contract, got 12");
  release = NetworkRelease();
  release.contract.extra_outputs[0].zero_point ^= 1;
  ExpectRefusal(release, "output \"output 0\": expected the scale");
  release = NetworkRelease();
  release.contract.extra_outputs[0].scale *= 1.001;
  ExpectRefusal(release, "output \"output 0\": expected the scale");
}

TEST(Int8Engine, BytesThatAreNoNetwork) {
  bundle::Release release = NetworkRelease();
  release.network.back() ^= 1;
  ExpectRefusal(release, "compiled network: expected the checksum ", Quick(), ErrorCode::kCorrupt);
  EXPECT_FALSE(CheckCompiledNetwork(release));
  EXPECT_TRUE(CheckCompiledNetwork(NetworkRelease()));
  release.network = {1, 2, 3};
  ExpectRefusal(release, "; make the bundle again with `taktgate-prep pack`", Quick(),
                ErrorCode::kCorrupt);
}

TEST(EngineChoice, IsByWhatTheReleaseHoldsAndByWhatIsAskedFor) {
  bundle::Release both = testing::ReleaseOf(testing::LinearModel());
  EXPECT_EQ((*Load(both, Quick()))->name(), "onnxruntime");
  ExpectRefusal(both,
                "expected a release with a compiled network, as the engine taktgate was asked for",
                Quick("taktgate"), ErrorCode::kUnsupported);
  const bundle::Release network = NetworkRelease();
  EXPECT_TRUE((*Load(network, Quick()))->name().starts_with("taktgate/"));
  ExpectRefusal(network,
                "expected a release with an ONNX model, as the engine onnxruntime was asked for",
                Quick("onnxruntime"), ErrorCode::kUnsupported);
  both.network = network.network;  // of another contract: whoever looks at it says so
  EXPECT_FALSE(Load(both, Quick()));
  EXPECT_EQ((*Load(both, Quick("onnxruntime")))->name(), "onnxruntime");
}

TEST(EngineChoice, ARefusalNamesThePlaceThatAsksForTheEngine) {
  const bundle::Release without = testing::ReleaseOf(testing::LinearModel());
  LoadSettings settings = Quick("taktgate");
  ExpectRefusal(without, "got one without it; ask for auto, or pack the release again", settings,
                ErrorCode::kUnsupported);
  settings.choice.where = "[inference] engine";
  ExpectRefusal(without, "got one without it; [inference] engine: ask for auto, or pack", settings,
                ErrorCode::kUnsupported);
}

TEST(EngineChoice, KernelsThatThisCpuLacksAreRefused) {
  const int8::Isa lacking = int8::CpuHas(int8::Isa::kNeon) ? int8::Isa::kAvx2 : int8::Isa::kNeon;
  const std::string name(int8::NameOf(lacking));
  LoadSettings settings = Quick("taktgate/" + name);
  settings.choice.where = "--runtime";
  ExpectRefusal(NetworkRelease(), "expected kernels of this CPU, one of ", settings,
                ErrorCode::kUnsupported);
  ExpectRefusal(NetworkRelease(), "scalar, got " + name + "; --runtime: ask for taktgate or auto",
                settings, ErrorCode::kUnsupported);
}

TEST(EngineChoice, WordsThatAreNone) {
  EXPECT_TRUE(ParseEngineChoice("auto")->engine.empty());
  EXPECT_EQ(ParseEngineChoice("taktgate/avx2")->kernels, "avx2");
  for (const std::string_view text : {"", "Auto", "auto/avx2", "onnxruntime/avx2", "taktgate/",
                                      "taktgate/mmx", "tensorrt", "/avx2"}) {
    const auto refused = ParseEngineChoice(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_TRUE(refused.error().message.starts_with(
        "expected auto, onnxruntime, taktgate, or taktgate/KERNELS (KERNELS: scalar, avx2, "
        "avx-vnni, avx512-vnni, neon, neon-dot, neon-i8mm), got '" +
        std::string(text) + "'"))
        << refused.error().message;
  }
}

}  // namespace
}  // namespace taktgate::infer
