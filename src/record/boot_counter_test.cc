#include "record/boot_counter.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/test_tree.h"

namespace taktgate::record {
namespace {

class BootCounterTest : public ::testing::Test {
 protected:
  taktgate::testing::Tree tree;
  const std::filesystem::path folder = tree.root() / "folder";
};

TEST_F(BootCounterTest, NeverGivesANumberTwice) {
  EXPECT_EQ(*RaiseBootCounter(folder / "made" / "here", 0), 1U);
  EXPECT_EQ(*RaiseBootCounter(folder / "made" / "here", 0), 2U);
  EXPECT_EQ(*RaiseBootCounter(folder / "made" / "here", 0), 3U);
}

TEST_F(BootCounterTest, GoesOnAboveWhatIsKnownFromElsewhere) {
  EXPECT_EQ(*RaiseBootCounter(folder, 41), 42U) << "somebody removed the file";
  EXPECT_EQ(*RaiseBootCounter(folder, 41), 43U);
  EXPECT_EQ(*RaiseBootCounter(folder, 43), 44U);
  const auto last = RaiseBootCounter(folder, 4'294'967'295);
  ASSERT_FALSE(last) << "the next number would be 0";
  EXPECT_EQ(last.error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(*RaiseBootCounter(folder, 0), 45U);
}

TEST_F(BootCounterTest, ADamagedFileIsRefusedAndLeftAlone) {
  for (const char* damaged : {"", "x", "12", "12x\n", "-1\n", "99999999999\n", "4294967295\n"}) {
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "boot") << damaged;
    const auto raised = RaiseBootCounter(folder, 0);
    ASSERT_FALSE(raised) << damaged;
    EXPECT_EQ(raised.error().code, ErrorCode::kCorrupt);
    std::ifstream file(folder / "boot");
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), damaged);
  }
}

TEST_F(BootCounterTest, AnUnwritableFolderIsAnError) {
  EXPECT_FALSE(RaiseBootCounter("/proc/no/such/folder", 0));
}

}  // namespace
}  // namespace taktgate::record
