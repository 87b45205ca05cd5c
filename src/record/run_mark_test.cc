#include "record/run_mark.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/test_tree.h"

namespace taktgate::record {
namespace {

TEST(RunMark, InANewFolderThereWasNoRun) {
  const taktgate::testing::Tree tree;
  const auto mark = ReadRunMark(tree.root());
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->boot, 0U);
  EXPECT_TRUE(mark->ended);
}

TEST(RunMark, SaysWhatWasWritten) {
  const taktgate::testing::Tree tree;
  for (const RunMark& written : {RunMark{7, false}, RunMark{7, true}, RunMark{4294967295, false}}) {
    ASSERT_TRUE(WriteRunMark(tree.root(), written));
    const auto mark = ReadRunMark(tree.root());
    ASSERT_TRUE(mark);
    EXPECT_EQ(mark->boot, written.boot);
    EXPECT_EQ(mark->ended, written.ended);
  }
}

TEST(RunMark, WhatSaysSomethingElseIsRefusedAndLeftAlone) {
  const taktgate::testing::Tree tree;
  for (const std::string text : {"", "7", "7 began", "7 ended \n", "x began\n", "0 ended\n",
                                 "99999999999 ended\n", "-1 began\n", "7 began\n\n"}) {
    std::ofstream(tree.root() / "run") << text;
    const auto mark = ReadRunMark(tree.root());
    ASSERT_FALSE(mark) << text;
    EXPECT_EQ(mark.error().code, ErrorCode::kCorrupt);
    std::ifstream file(tree.root() / "run");
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text);
  }
}

TEST(RunMark, AFolderThatIsGoneIsAnError) {
  EXPECT_FALSE(WriteRunMark("/proc/no/such/folder", {1, true}));
}

}  // namespace
}  // namespace taktgate::record
