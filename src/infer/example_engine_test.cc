#include "infer/test_example_engine.h"

#include <gtest/gtest.h>

#include "infer/load.h"

namespace taktgate::infer {
namespace {

using testing::kOnePixel;

TEST(ExampleEngine, IsLoadedWarmAndAnswers) {
  bundle::Release release;
  release.contract.input.width = release.contract.input.height = 8;
  release.contract.input.scale = {1.0};
  release.contract.input.offset = {0.0};
  release.labels = {{"good", true}, {"bad", false}};
  const Engine engines[] = {kOnePixel};
  auto classifier = LoadBy(engines, release, {});
  ASSERT_TRUE(classifier) << classifier.error().message;
  EXPECT_TRUE(std::isnan((*classifier)->logits(0)[0])) << "nothing is left of the warm-up";
  EXPECT_EQ((*classifier)->Run(1), RunOutcome::kFailed) << "it reads no pixels of the warm-up";
  const std::uint8_t bright = 200;
  const image::Plane plane{&bright, 0, 0};
  (*classifier)->SetPixels(0, {&plane, 1});
  ASSERT_EQ((*classifier)->Run(1), RunOutcome::kDone);
  EXPECT_GT((*classifier)->logits(0)[1], (*classifier)->logits(0)[0]);
  release.labels.push_back({"other", false});
  const auto refused = LoadBy(engines, release, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(refused.error().message.find("one pixel"), std::string::npos);
}

TEST(LoadBy, TheFirstEngineThatTakesAReleaseGetsIt) {
  static int loaded = 0;
  const Engine never{
      "never",
      "never",
      "more",
      [] { return std::string("0.1"); },
      [](const bundle::Release&) { return false; },
      [](const bundle::Release&, const LoadSettings&) -> Result<std::unique_ptr<Classifier>> {
        ++loaded;
        return Error{ErrorCode::kInternal, "not asked for"};
      }};
  bundle::Release release;
  release.contract.input.width = release.contract.input.height = 8;
  release.contract.input.scale = {1.0};
  release.contract.input.offset = {0.0};
  release.labels = {{"good", true}, {"bad", false}};
  const Engine engines[] = {never, kOnePixel, never};
  const auto classifier = LoadBy(engines, release, {});
  ASSERT_TRUE(classifier);
  EXPECT_EQ((*classifier)->description(), "one-pixel");
  EXPECT_EQ(loaded, 0);
}

TEST(LoadBy, AnEngineThatIsAskedForGetsItOrItIsRefused) {
  static int loaded = 0;
  Engine second = kOnePixel;
  second.key = "second";
  second.load = [](const bundle::Release& release, const LoadSettings& settings) {
    ++loaded;
    return kOnePixel.load(release, settings);
  };
  bundle::Release release;
  release.contract.input.width = release.contract.input.height = 8;
  release.contract.input.scale = {1.0};
  release.contract.input.offset = {0.0};
  release.labels = {{"good", true}, {"bad", false}};
  const Engine engines[] = {kOnePixel, second};
  LoadSettings settings;
  settings.choice.engine = "second";
  EXPECT_TRUE(LoadBy(engines, release, settings));
  EXPECT_EQ(loaded, 1);
  release.labels.push_back({"other", false});
  const auto refused = LoadBy(engines, release, settings);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "expected a release with two labels, as the engine second was asked for, got one "
            "without it; ask for auto, or pack the release again");
}

TEST(EnginesInWords, EachIsOnALineOfItsOwnWithItsVersion) {
  const Engine other{"other", "other", "", [] { return std::string("2.3"); }, nullptr, nullptr};
  const Engine engines[] = {kOnePixel, other};
  EXPECT_EQ(EnginesInWords(engines), "one pixel 1\nother 2.3\n");
  EXPECT_EQ(EnginesInWords().find("taktgate INT8 networks of version 1 ("), 0U)
      << "what is shipped";
  EXPECT_NE(EnginesInWords().find("scalar)\nONNX Runtime 1."), std::string::npos);
}

}  // namespace
}  // namespace taktgate::infer
