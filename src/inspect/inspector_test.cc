#include "inspect/inspector.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "inspect/reserve.h"
#include "inspect/test_release.h"

namespace taktgate::inspect {
namespace {

using testing::SayBadWhenBright;
using testing::SmallFrame;
using testing::SmallInspector;
using testing::SmallRelease;

TEST(Inspector, APartIsAsBadAsItsWorstWindow) {
  auto inspector = SmallInspector();
  const auto good = inspector->Inspect(SmallFrame(10, 20).View());
  EXPECT_EQ(good.part.verdict, judge::Verdict::kPass);
  EXPECT_EQ(good.windows.size(), 2U);
  EXPECT_EQ(good.logits.size(), 4U);
  const auto bad = inspector->Inspect(SmallFrame(10, 200).View());
  EXPECT_EQ(bad.part.verdict, judge::Verdict::kFail);
  EXPECT_EQ(bad.part.worst_window, 1);
  EXPECT_EQ(bad.part.class_index, 1);
}

// However many windows the engine takes at once, and as whatever: the same answers.
struct Shape {
  std::size_t most_windows;
  infer::InputType input_type;
};
class InspectorOnEveryEngine : public ::testing::TestWithParam<Shape> {
 protected:
  // Five windows of a row; fails to answer about a window whose first pixel is 66.
  static std::unique_ptr<Inspector> Make() {
    bundle::Release release = SmallRelease();
    release.recipe.windows.clear();
    for (int k = 0; k < 5; ++k) {
      release.recipe.windows.push_back({"w" + std::to_string(k), {k * 8, 0, 32, 32}});
    }
    release.contract.extra_outputs = {{.name = "map", .width = 3}};
    auto classifier = std::make_unique<infer::FakeClassifier>(
        32 * 32, 2,
        [](auto input, auto logits, const auto& terminate) {
          if (input[0] == 66.0F) return infer::RunOutcome::kFailed;
          return SayBadWhenBright(input, logits, terminate);
        },
        infer::FakeClassifier::Shape{GetParam().most_windows, GetParam().input_type, 3});
    auto inspector = Inspector::Create(std::move(release), std::move(classifier));
    return std::move(inspector).value();
  }
  // Window k begins with pixel k of this.
  static image::Image Frame(std::array<std::uint8_t, 5> firsts) {
    image::Image frame = SmallFrame(0, 0);
    for (std::size_t k = 0; k < firsts.size(); ++k) frame.pixels[k * 8] = firsts[k];
    return frame;
  }
  static std::size_t Runs(Inspector& inspector) {
    return dynamic_cast<infer::FakeClassifier&>(inspector.classifier()).runs();
  }
};

TEST_P(InspectorOnEveryEngine, SaysTheSameOfEveryWindow) {
  auto inspector = Make();
  const image::Image frame = Frame({10, 200, 30, 201, 50});
  const Inspection& seen = inspector->Inspect(frame.View());
  EXPECT_EQ(seen.part.verdict, judge::Verdict::kFail);
  ASSERT_EQ(seen.windows.size(), 5U);
  ASSERT_EQ(seen.extra_outputs.size(), 5U * 3);
  for (std::size_t k = 0; k < 5; ++k) {
    EXPECT_EQ(seen.windows[k].class_index, k % 2 == 1 ? 1 : 0) << k;
    EXPECT_EQ(seen.extra_outputs[k * 3 + 2], frame.pixels[k * 8]) << k;
    EXPECT_FLOAT_EQ(seen.logits[k * 2], k % 2 == 1 ? -4.0F : 4.0F);
  }
  const std::size_t most = GetParam().most_windows;
  EXPECT_EQ(Runs(*inspector), (5 + most - 1) / most) << "as few runs as there can be";
}

TEST_P(InspectorOnEveryEngine, AWindowThatFailsMakesThePartUnknown) {
  auto inspector = Make();
  const Inspection& seen = inspector->Inspect(Frame({10, 20, 66, 20, 20}).View());
  EXPECT_EQ(seen.part.verdict, judge::Verdict::kUnknown);
  EXPECT_EQ(seen.part.reason, judge::Reason::kModelError);
  EXPECT_EQ(seen.windows[2].reason, judge::Reason::kModelError);
  EXPECT_EQ(seen.judged, 2 / GetParam().most_windows * GetParam().most_windows);
  EXPECT_EQ(seen.logits.size(), seen.judged * 2) << "no outputs of another image";
  EXPECT_EQ(seen.extra_outputs.size(), seen.judged * 3);
  const auto& after = inspector->Inspect(Frame({10, 20, 30, 20, 20}).View());
  EXPECT_EQ(after.part.verdict, judge::Verdict::kPass);
}

INSTANTIATE_TEST_SUITE_P(All, InspectorOnEveryEngine,
                         ::testing::Values(Shape{1, infer::InputType::kFloat32},
                                           Shape{2, infer::InputType::kFloat32},
                                           Shape{64, infer::InputType::kFloat32},
                                           Shape{1, infer::InputType::kUint8},
                                           Shape{3, infer::InputType::kUint8}));

TEST(Inspector, AModelThatFailsOrGivesNanIsUnknownAndNeverAnOldAnswer) {
  int run = 0;
  auto inspector = SmallInspector([&](auto input, auto logits, const auto& terminate) {
    ++run;
    if (run <= 2) return SayBadWhenBright(input, logits, terminate);
    if (run == 3) return infer::RunOutcome::kFailed;
    logits[0] = std::numeric_limits<float>::quiet_NaN();
    logits[1] = 1.0F;
    return infer::RunOutcome::kDone;
  });
  const image::Image frame = SmallFrame(1, 2);
  EXPECT_EQ(inspector->Inspect(frame.View()).part.verdict, judge::Verdict::kPass);
  for (int i = 0; i < 2; ++i) {
    const auto& inspection = inspector->Inspect(frame.View());
    EXPECT_EQ(inspection.part.verdict, judge::Verdict::kUnknown);
    EXPECT_EQ(inspection.part.reason, judge::Reason::kModelError);
    EXPECT_EQ(inspection.logits.size(), i == 0 ? 0U : 4U) << "not those of the image before";
  }
}

TEST(Inspector, AFrameOfAnotherLookIsNotJudged) {
  bundle::Release release = SmallRelease();
  release.recipe.health = image::HealthLimits{{8, 100}, {2, 100}, {0.001, 4}};
  int runs = 0;
  auto inspector = Inspector::Create(
      release, std::make_unique<infer::FakeClassifier>(
                   32 * 32, 2, [&runs](auto input, auto logits, const auto& terminate) {
                     ++runs;
                     return SayBadWhenBright(input, logits, terminate);
                   }));
  ASSERT_TRUE(inspector);
  EXPECT_EQ((*inspector)->Inspect(SmallFrame(10, 20).View()).part.verdict, judge::Verdict::kPass);
  EXPECT_EQ(runs, 2);
  const image::Image dark = SmallFrame(0, 6);    // a lens cap with noise
  const image::Image flat = SmallFrame(40, 41);  // nothing to see
  for (const image::Image* frame : {&dark, &flat}) {
    const Inspection& inspection = (*inspector)->Inspect(frame->View());
    EXPECT_EQ(inspection.part.verdict, judge::Verdict::kUnknown);
    EXPECT_EQ(inspection.part.reason, judge::Reason::kImageUnhealthy);
    EXPECT_TRUE(inspection.windows.empty());
  }
  EXPECT_EQ(runs, 2) << "the model does not see them";
}

TEST(Inspector, ATerminatedRunEndsTheInspection) {
  auto inspector = SmallInspector();
  inspector->Terminate();
  const auto& stopped = inspector->Inspect(SmallFrame(1, 2).View());
  EXPECT_EQ(stopped.part.verdict, judge::Verdict::kUnknown);
  inspector->ResetTerminate();
  EXPECT_EQ(inspector->Inspect(SmallFrame(1, 2).View()).part.verdict, judge::Verdict::kPass);
}

TEST(Inspector, RefusesFramesThatTheRecipeWasNotMadeFor) {
  auto inspector = SmallInspector();
  EXPECT_TRUE(inspector->CheckFrame(64, 48));
  const Status refused = inspector->CheckFrame(640, 480);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("64 x 48"), std::string::npos);
  EXPECT_NE(refused.error().message.find("640 x 480"), std::string::npos);
}

TEST(Inspector, WantsAGoldenImageWhereTheContractDoes) {
  bundle::Release release = SmallRelease();
  release.contract.input.golden = true;
  release.contract.input.scale = {1.0, 1.0};
  release.contract.input.offset = {0.0, 0.0};
  auto inspector = Inspector::Create(
      release, std::make_unique<infer::FakeClassifier>(2 * 32 * 32, 2, SayBadWhenBright));
  ASSERT_TRUE(inspector);
  EXPECT_FALSE((*inspector)->CheckFrame(64, 48));
  const image::Image frame = SmallFrame(1, 2);
  EXPECT_FALSE((*inspector)->InspectWindow(frame.View(), {0, 0, 32, 32}, nullptr));
  const image::ImageView golden = frame.View();
  EXPECT_TRUE((*inspector)->InspectWindow(frame.View(), {0, 0, 32, 32}, &golden));
  for (const auto& [width, height] : {std::pair{65, 48}, {64, 47}, {640, 480}}) {
    image::Image other;
    other.width = width;
    other.height = height;
    other.pixels.resize(static_cast<std::size_t>(width * height));
    const image::ImageView wrong = other.View();
    const auto refused = (*inspector)->InspectWindow(frame.View(), {0, 0, 32, 32}, &wrong);
    ASSERT_FALSE(refused) << width;
    EXPECT_NE(refused.error().message.find("must have one size"), std::string::npos);
  }
}

TEST(Inspector, AWindowOutsideTheImageIsRefused) {
  auto inspector = SmallInspector();
  EXPECT_FALSE(inspector->InspectWindow(SmallFrame(1, 2).View(), {40, 20, 32, 32}, nullptr));
}

TEST(Reserve, IsMeasuredButNeverEatsMoreThanHalfOfWhatIsLeft) {
  auto inspector = SmallInspector();
  const auto measured = MeasureInspection(*inspector, 64, 48, image::PixelFormat::kGrey8, {20, 20});
  ASSERT_TRUE(measured);
  EXPECT_GT(measured->Quantile(0.999), Duration(0));
  const auto least = MeasureInspection(*inspector, 64, 48, image::PixelFormat::kGrey8,
                                       {5, 1'000'000, Duration(0)});
  ASSERT_TRUE(least);
  EXPECT_EQ(least->count(), 5U) << "the time is over at once";
  EXPECT_FALSE(MeasureInspection(*inspector, 63, 48, image::PixelFormat::kGrey8, {}));
  using std::chrono::milliseconds;
  EXPECT_EQ(ReserveFrom(milliseconds(1), milliseconds(5)), milliseconds(1));
  EXPECT_EQ(ReserveFrom(milliseconds(40), milliseconds(5)), std::chrono::microseconds(2500));
}

TEST(Reserve, IsThatOfTheModelAlsoWhereTheTrialFrameIsUnhealthy) {
  bundle::Release release = SmallRelease();
  release.recipe.health = image::HealthLimits{{250, 255}, {0, 1}, {0, 1}};
  int runs = 0;
  auto inspector = Inspector::Create(
      std::move(release), std::make_unique<infer::FakeClassifier>(
                              32 * 32, 2, [&runs](auto input, auto logits, const auto& terminate) {
                                ++runs;
                                return testing::SayBadWhenBright(input, logits, terminate);
                              }));
  ASSERT_TRUE(inspector);
  ASSERT_TRUE(MeasureInspection(**inspector, 64, 48, image::PixelFormat::kGrey8, {20, 20}));
  EXPECT_EQ(runs, 20 * 2) << "two windows each";
}

TEST(Inspector, ExerciseRunsEveryWindowWhateverTheFrameLooksLikeAndLeavesNoAnswer) {
  bundle::Release release = SmallRelease();
  release.recipe.health = image::HealthLimits{{8, 100}, {2, 100}, {0.001, 4}};
  int runs = 0;
  auto inspector = Inspector::Create(
      release, std::make_unique<infer::FakeClassifier>(
                   32 * 32, 2, [&runs](auto input, auto logits, const auto& terminate) {
                     ++runs;
                     return SayBadWhenBright(input, logits, terminate);
                   }));
  ASSERT_TRUE(inspector);
  const auto before = (*inspector)->Inspect(SmallFrame(10, 20).View()).part;
  const image::Image dark = SmallFrame(0, 6);
  (*inspector)->Exercise(dark.View());
  EXPECT_EQ(runs, 4) << "an unhealthy one would not be seen by the model";
  const auto after = (*inspector)->Inspect(SmallFrame(10, 20).View()).part;
  EXPECT_EQ(after.verdict, before.verdict);
  EXPECT_EQ(after.defect_score, before.defect_score);
  (*inspector)->Terminate();
  (*inspector)->Exercise(dark.View());
  EXPECT_EQ(runs, 6) << "ends early";
}

}  // namespace
}  // namespace taktgate::inspect
