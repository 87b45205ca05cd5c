#include "selftest/system_files.h"

#include <gtest/gtest.h>

#include "base/test_tree.h"

namespace taktgate::selftest {
namespace {

class SystemFiles : public ::testing::Test {
 protected:
  std::optional<std::int64_t> Number(const std::string& text) const {
    tree.Write("number", text);
    return ReadNumber(tree.root() / "number");
  }

  taktgate::testing::Tree tree;
};

TEST_F(SystemFiles, AreReadWithoutTheWhiteSpaceAroundThem) {
  tree.Write("file", " \tperformance \n\n");
  EXPECT_EQ(ReadSmallFile(tree.root() / "file"), "performance");
  tree.Write("file", " \n");
  EXPECT_EQ(ReadSmallFile(tree.root() / "file"), "");
}

TEST_F(SystemFiles, WhatCannotBeReadIsNothing) {
  EXPECT_FALSE(ReadSmallFile(tree.root() / "none"));
  EXPECT_FALSE(ReadNumber(tree.root() / "none"));
  EXPECT_TRUE(NumberedEntries(tree.root() / "none", "cpu").empty());
}

TEST_F(SystemFiles, AreReadToSixtyFourKib) {
  tree.Write("file", std::string(100'000, 'x'));
  EXPECT_EQ(ReadSmallFile(tree.root() / "file")->size(), 64U << 10);
}

TEST_F(SystemFiles, ANumberStandsInFront) {
  EXPECT_EQ(Number("950000"), 950'000);
  EXPECT_EQ(Number(" -1 of all"), -1);
  EXPECT_EQ(Number("48312 mC"), 48'312);
  for (const char* text : {"", "none", "x7", "9223372036854775808"}) {
    EXPECT_FALSE(Number(text)) << text;
  }
}

TEST_F(SystemFiles, NumberedEntriesAreOrderedByTheirNumbers) {
  for (const char* name :
       {"cpu10/x", "cpu9/x", "cpu0/x", "cpufreq/x", "cpu/x", "cpu1a/x", "gpu2/x", "cpu-3/x"}) {
    tree.Write(name, "");
  }
  std::vector<std::string> names;
  for (const auto& path : NumberedEntries(tree.root(), "cpu")) names.push_back(path.filename());
  EXPECT_EQ(names, (std::vector<std::string>{"cpu0", "cpu9", "cpu10"}));
}

TEST(ValueOfLine, IsTheRestOfTheFirstLineThatBeginsSo) {
  constexpr const char* kStatus = "Name:\tx VmRSS: 1\nVmRSS:\t  1234 kB\nVmRSS: 5\nlast: yes";
  EXPECT_EQ(ValueOfLine(kStatus, "VmRSS:"), "1234 kB");
  EXPECT_EQ(ValueOfLine(kStatus, "last:"), "yes") << "without a line end";
  EXPECT_EQ(ValueOfLine("key:\nnext", "key:"), "");
  EXPECT_FALSE(ValueOfLine(kStatus, "VmHWM:"));
  EXPECT_FALSE(ValueOfLine("", "x"));
}

}  // namespace
}  // namespace taktgate::selftest
