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
  (*classifier)->pixels(0)[0] = 200;
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
      "never", [] { return std::string("0.1"); }, [](const bundle::Release&) { return false; },
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
  EXPECT_EQ((*classifier)->description(), "one pixel");
  EXPECT_EQ(loaded, 0);
}

TEST(EnginesInWords, EachIsOnALineOfItsOwnWithItsVersion) {
  const Engine other{"other", [] { return std::string("2.3"); }, nullptr, nullptr};
  const Engine engines[] = {kOnePixel, other};
  EXPECT_EQ(EnginesInWords(engines), "one pixel 1\nother 2.3\n");
  EXPECT_EQ(EnginesInWords().find("ONNX Runtime 1."), 0U) << "what is shipped";
}

}  // namespace
}  // namespace taktgate::infer
