#include "session/load_release.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/test_tree.h"
#include "inspect/test_whole_bundle.h"

namespace taktgate::session {
namespace {

class LoadReleaseTest : public ::testing::Test {
 protected:
  LoadReleaseTest() {
    EXPECT_TRUE(WriteFile(tree.root() / "onnx.tgb", inspect::testing::WholeBundle().Bytes()));
    EXPECT_TRUE(WriteFile(tree.root() / "network.tgb", inspect::testing::NetworkBundle().Bytes()));
  }
  auto Load(const std::string& name) const { return LoadRelease(tree.root() / name, settings); }

  taktgate::testing::Tree tree;
  infer::LoadSettings settings;
};

TEST_F(LoadReleaseTest, ARefusalNamesTheBundleAndTheKeyToChange) {
  settings.choice = *infer::ParseEngineChoice("taktgate", "[inference] engine");
  ASSERT_TRUE(Load("network.tgb"));
  const auto refused = Load("onnx.tgb");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            (tree.root() / "onnx.tgb").string() +
                ": load model: expected a release with a compiled network, as the engine taktgate "
                "was asked for, got one without it; [inference] engine: ask for auto, or pack the "
                "release again");
}

TEST_F(LoadReleaseTest, ThreadsThatAnEngineHasNoUseForAreSaid) {
  settings.threads = 65;  // more than any engine takes
  const auto none = NoticesOf((*LoadRelease(tree.root() / "network.tgb", {}))->classifier(), {});
  EXPECT_TRUE(none.empty());
  const auto loaded = LoadRelease(tree.root() / "network.tgb", {});
  const infer::Classifier& classifier = (*loaded)->classifier();
  const auto notices = NoticesOf(classifier, settings);
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_EQ(notices[0], "[inference] threads = 65 is more than a run uses: " + classifier.name() +
                            " runs on " + std::to_string(classifier.threads()) +
                            (classifier.threads() == 1 ? " thread" : " threads"));
}

TEST_F(LoadReleaseTest, ThreadsThatAreUsedAreNotSaid) {
  settings.threads = 2;
  settings.choice.engine = infer::kOnnxRuntimeKey;
  const auto loaded = Load("onnx.tgb");
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_TRUE(NoticesOf((*loaded)->classifier(), settings).empty());
}

}  // namespace
}  // namespace taktgate::session
