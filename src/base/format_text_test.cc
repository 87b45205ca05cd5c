#include "base/format_text.h"

#include <gtest/gtest.h>

namespace taktgate {
namespace {

TEST(Format, GivesWhatPrintfPrints) {
  EXPECT_EQ(Format("%-6s|%5.2f|%3d", "I1", 0.25, 7), "I1    | 0.25|  7");
  EXPECT_EQ(Format("%s", ""), "");
}

TEST(Format, CutsNothing) {
  const std::string word(5000, 'x');
  EXPECT_EQ(Format("<%s>", word.c_str()), "<" + word + ">");
}

}  // namespace
}  // namespace taktgate
