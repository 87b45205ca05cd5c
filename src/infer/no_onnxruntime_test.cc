// Linked with this room as it is built without ONNX Runtime.
#include <gtest/gtest.h>

#include "infer/load.h"
#include "infer/test_model.h"
#include "infer/test_network.h"

namespace taktgate::infer {
namespace {

std::string RefusalOf(const bundle::Release& release, std::string_view choice) {
  LoadSettings settings;
  settings.choice = ParseEngineChoice(choice).value();
  const auto refused = Load(release, settings);
  EXPECT_FALSE(refused) << choice;
  if (refused) return {};
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  return refused.error().message;
}

TEST(WithoutOnnxRuntime, ACompiledNetworkRuns) {
  bundle::Release release = testing::NetworkRelease();
  release.model = {1, 2, 3};  // nobody looks at it
  const auto loaded = Load(release);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_TRUE((*loaded)->name().starts_with("taktgate/"));
}

TEST(WithoutOnnxRuntime, AReleaseThatNeedsItIsRefusedInWords) {
  bundle::Release release = testing::ReleaseOf(testing::LinearModel());
  for (const std::string_view choice : {"auto", "onnxruntime"}) {
    EXPECT_EQ(RefusalOf(release, choice),
              "expected a release that runs without ONNX Runtime, as this taktgate was built "
              "without it, got one without a compiled network; make the bundle again with "
              "`taktgate-prep pack`, or install a taktgate with ONNX Runtime");
  }
  release.network = testing::NetworkRelease().network;
  EXPECT_NE(RefusalOf(release, "onnxruntime").find("; ask for taktgate, or install"),
            std::string::npos);
}

TEST(WithoutOnnxRuntime, VersionSaysSo) {
  EXPECT_NE(EnginesInWords().find("ONNX Runtime is not in this build\n"), std::string::npos);
}

}  // namespace
}  // namespace taktgate::infer
