// The example of CONTRIBUTING.md: a new engine is this much, and a line in load.cc.
#include <gtest/gtest.h>

#include "infer/load.h"
#include "infer/test_model.h"

namespace taktgate::infer {
namespace {

// [example]
// An engine that looks at one pixel.
class OnePixel final : public Classifier {
 public:
  OnePixel(std::size_t inputs, std::size_t labels) : pixels_(inputs), logits_(labels, NAN) {}
  InputType input_type() const override { return InputType::kUint8; }
  std::span<std::uint8_t> pixels(std::size_t) override { return pixels_; }
  RunOutcome Run(std::size_t) override {
    logits_.assign(logits_.size(), stop_ ? NAN : 0.0F);
    if (stop_) return RunOutcome::kTerminated;
    logits_[pixels_[0] < 128 ? 0 : 1] = 4.0F;
    return RunOutcome::kDone;
  }
  std::span<const float> logits(std::size_t) const override { return logits_; }
  void Terminate() override { stop_ = true; }
  void ResetTerminate() override { stop_ = false; }
  const std::string& last_error() const override { return error_; }
  std::string description() const override { return "one pixel"; }

 private:
  std::vector<std::uint8_t> pixels_;
  std::vector<float> logits_;
  std::atomic<bool> stop_{false};
  std::string error_;
};

bool TakesTwoLabels(const bundle::Release& release) { return release.labels.size() == 2; }

Result<std::unique_ptr<Classifier>> LoadOnePixel(const bundle::Release& release,
                                                 const LoadSettings&) {
  std::unique_ptr<Classifier> made(
      new OnePixel(release.contract.input.tensor_size(), release.labels.size()));
  return made;
}

constexpr Engine kOnePixel = {"one pixel", TakesTwoLabels, LoadOnePixel};
// [/example]

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
      "never", [](const bundle::Release&) { return false; },
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

}  // namespace
}  // namespace taktgate::infer
