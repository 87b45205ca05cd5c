#include "infer/run_limit.h"

#include <gtest/gtest.h>

#include "base/test_wait.h"
#include "infer/load.h"
#include "infer/test_model.h"

namespace taktgate::infer {
namespace {

using taktgate::testing::Comes;

class Stopped final : public Classifier {
 public:
  RunOutcome Run(std::size_t) override { return RunOutcome::kDone; }
  std::span<const float> logits(std::size_t) const override { return {}; }
  void Terminate() override { terminated = true; }
  void ResetTerminate() override { terminated = false; }
  const std::string& last_error() const override { return error_; }
  std::string name() const override { return {}; }

  std::atomic<bool> terminated{false};

 private:
  const std::string error_;
};

TEST(RunLimit, ARunThatStaysAwayIsToldToStop) {
  Stopped classifier;
  {
    RunLimit limit(classifier, Duration(1));
    limit.Begin();
    EXPECT_TRUE(Comes("the word to stop", [&] { return classifier.terminated.load(); }));
    EXPECT_EQ(limit.Check().error().message,
              "expected an answer from the model within 0 s, got none; look for a loop in it that "
              "never ends");
  }
  EXPECT_FALSE(classifier.terminated) << "whoever runs it next begins anew";
}

TEST(RunLimit, OneThatIsThereInTimeIsLeftAlone) {
  Stopped classifier;
  {
    RunLimit limit(classifier, std::chrono::hours(1));
    limit.Begin();
    EXPECT_TRUE(limit.Check());
  }
  EXPECT_FALSE(classifier.terminated);
}

TEST(RunLimit, AModelThatNeverEndsIsNotLoaded) {
  bundle::Release release = testing::ReleaseOf(testing::EndlessModel());
  release.contract.input.scale = {2.0 / 255.0};  // pixels of more than 1: 10^12 rounds
  LoadSettings settings;
  settings.longest_run = std::chrono::milliseconds(20);
  const auto loaded = Load(release, settings);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::kInvalid);
  EXPECT_NE(loaded.error().message.find("a loop in it that never ends"), std::string::npos)
      << loaded.error().message;
}

}  // namespace
}  // namespace taktgate::infer
