#ifndef TAKTGATE_RIG_TEST_PREPARED_LINE_H_
#define TAKTGATE_RIG_TEST_PREPARED_LINE_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "base/test_tree.h"
#include "inspect/test_whole_bundle.h"
#include "rig/prepared_line.h"

namespace taktgate::rig::testing {

// Folders of lines are made below a folder of the test.
class LineFolderTest : public ::testing::Test {
 protected:
  LineFolderTest() {
    setenv("TMPDIR", tree.root().c_str(), 1);
    options.bundle = (tree.root() / "whole.tgb").string();
    EXPECT_TRUE(WriteFile(options.bundle, inspect::testing::WholeBundle().Bytes()));
  }
  ~LineFolderTest() override { unsetenv("TMPDIR"); }

  taktgate::testing::Tree tree;
  RealLineOptions options;
};

}  // namespace taktgate::rig::testing

#endif  // TAKTGATE_RIG_TEST_PREPARED_LINE_H_
