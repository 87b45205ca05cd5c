#include "session/state_folder.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/test_tree.h"

namespace taktgate::session {
namespace {

TEST(StateFolder, IsOneStationsUntilItGoes) {
  const taktgate::testing::Tree tree;
  const std::filesystem::path path = tree.root() / "deep" / "state";
  auto first = StateFolder::Claim(path);
  ASSERT_TRUE(first) << first.error().message;
  const auto second = StateFolder::Claim(path);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kWrongState);
  EXPECT_NE(second.error().message.find("another station uses it"), std::string::npos);
  first->reset();
  EXPECT_TRUE(StateFolder::Claim(path));
}

TEST(StateFolder, StaysClaimedWhateverIsRemovedFromIt) {
  const taktgate::testing::Tree tree;
  const auto claimed = StateFolder::Claim(tree.root());
  ASSERT_TRUE(claimed);
  for (const auto& entry : std::filesystem::directory_iterator(tree.root())) {
    std::filesystem::remove_all(entry.path());
  }
  EXPECT_FALSE(StateFolder::Claim(tree.root()));
}

TEST(StateFolder, AFileIsNone) {
  const taktgate::testing::Tree tree;
  std::ofstream(tree.root() / "state") << "text";
  const auto claimed = StateFolder::Claim(tree.root() / "state");
  ASSERT_FALSE(claimed);
  EXPECT_EQ(claimed.error().code, ErrorCode::kIo);
  EXPECT_NE(claimed.error().message.find("name a writable folder"), std::string::npos);
}

}  // namespace
}  // namespace taktgate::session
