#include "station/boot_counter.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace taktgate::station {
namespace {

class BootCounterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder = std::filesystem::path(::testing::TempDir()) /
             ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::filesystem::path folder;
};

TEST_F(BootCounterTest, NeverGivesANumberTwice) {
  EXPECT_EQ(*RaiseBootCounter(folder / "made" / "here"), 1U);
  EXPECT_EQ(*RaiseBootCounter(folder / "made" / "here"), 2U);
  EXPECT_EQ(*RaiseBootCounter(folder / "made" / "here"), 3U);
}

TEST_F(BootCounterTest, ADamagedFileIsRefusedAndLeftAlone) {
  for (const char* damaged : {"", "x", "12", "12x\n", "-1\n", "99999999999\n", "4294967295\n"}) {
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "boot") << damaged;
    const auto raised = RaiseBootCounter(folder);
    ASSERT_FALSE(raised) << damaged;
    EXPECT_EQ(raised.error().code, ErrorCode::kCorrupt);
    std::ifstream file(folder / "boot");
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), damaged);
  }
}

TEST_F(BootCounterTest, AnUnwritableFolderIsAnError) {
  EXPECT_FALSE(RaiseBootCounter("/proc/no/such/folder"));
}

}  // namespace
}  // namespace taktgate::station
