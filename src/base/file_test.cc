#include "base/file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/test_tree.h"

namespace taktgate {
namespace {

class FileTest : public ::testing::Test {
 protected:
  std::string Text(const std::string& name) {
    const auto bytes = ReadFile(folder / name, 1000);
    return bytes ? std::string(bytes->begin(), bytes->end()) : bytes.error().message;
  }
  taktgate::testing::Tree tree;
  const std::filesystem::path folder = tree.root();
};

TEST_F(FileTest, WritesAndReplacesWholeFilesAndLeavesNoOther) {
  ASSERT_TRUE(WriteFileAtomically(folder / "a", "one"));
  ASSERT_TRUE(WriteFileAtomically(folder / "a", "two"));
  EXPECT_EQ(Text("a"), "two");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
}

TEST_F(FileTest, SaysWhatIsWrong) {
  EXPECT_EQ(ReadFile(folder / "none", 10).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(ReadFile(folder, 10).error().code, ErrorCode::kInvalid);
  ASSERT_TRUE(WriteFileAtomically(folder / "large", std::string(11, 'x')));
  EXPECT_EQ(ReadFile(folder / "large", 10).error().code, ErrorCode::kInvalid);
  EXPECT_FALSE(WriteFileAtomically(folder / "no" / "folder", "x"));
}

TEST_F(FileTest, AnEmptyFileIsEmpty) {
  ASSERT_TRUE(WriteFileAtomically(folder / "empty", ""));
  EXPECT_EQ(ReadFile(folder / "empty", 10)->size(), 0U);
}

}  // namespace
}  // namespace taktgate
