#include "line/shared/shared_kinds.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "base/test_tree.h"
#include "line/shared/shared_host.h"

namespace taktgate::line {
namespace {

class SharedKinds : public ::testing::Test {
 protected:
  DeviceTables Tables(const std::string& text) {
    return {*TomlFile::Parse(text), tree.root(), error};
  }
  taktgate::testing::Tree tree;
  VirtualClock clock;
  Surroundings around{clock, [](std::string_view) {}};
  std::optional<Error> error;
  LineFacts facts;
};

TEST_F(SharedKinds, AllDevicesAreOneRunOfOneLine) {
  const auto host = *SharedHost::Create(tree.root() / "line", {8, 4});
  DeviceTables tables = Tables("[line]\nshared = \"line\"\n");
  const auto output = kSharedOutputKind.read(tables, facts)(around);
  const auto trigger = kSharedTriggerKind.read(tables, facts)(around);
  const auto signals = kSharedSignalsKind.read(tables, facts)(around);
  const auto camera = kSharedCameraKind.read(tables, facts)(around);
  ASSERT_FALSE(error);
  ASSERT_TRUE(output && trigger && signals && camera);
  EXPECT_EQ(host->runs(), 1U);
  EXPECT_EQ((*camera)->format(), (image::FrameFormat{8, 4, image::PixelFormat::kGrey8}));
  EXPECT_TRUE((*output)->Set(OutputLine::kReady, true, clock.Now(), TimePoint::max()));
  EXPECT_TRUE(host->Wire(OutputLine::kReady).energised);
  EXPECT_TRUE(facts.output_elsewhere);
  EXPECT_TRUE(facts.HasSignal(Signal::Kind::kPlcPart));
  EXPECT_FALSE(facts.frames) << "nobody knows when they come";
}

TEST_F(SharedKinds, InputsOfThisMachineReplaceItsEdgesAndSignals) {
  DeviceTables tables = Tables("[line]\nshared = \"line\"\n[input]\ntrigger = \"c/A\"\n");
  EXPECT_TRUE(kSharedCameraKind.named(tables));
  EXPECT_TRUE(kSharedOutputKind.named(tables));
  EXPECT_FALSE(kSharedTriggerKind.named(tables));
  EXPECT_FALSE(kSharedSignalsKind.named(tables));
}

TEST_F(SharedKinds, WhereNobodyNamesItNothingIsRefused) {
  DeviceTables tables = Tables("[line]\nparts = 3\nseed = 1\n[camera]\nsource = \"sim\"\n");
  EXPECT_FALSE(kSharedCameraKind.named(tables));
  (void)kSharedCameraKind.read(tables, facts);
  EXPECT_FALSE(error);
}

}  // namespace
}  // namespace taktgate::line
