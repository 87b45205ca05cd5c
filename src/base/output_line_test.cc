#include "base/output_line.h"

#include <gtest/gtest.h>

#include <set>

namespace taktgate {
namespace {

TEST(OutputLine, HasANameOfItsOwnAndTheSameInFiles) {
  EXPECT_EQ(ToString(OutputLine::kLineStop), "LINE_STOP");
  EXPECT_EQ(KeyOf(OutputLine::kLineStop), "line_stop");
  EXPECT_EQ(KeyOf(OutputLine::kPass), "pass");
  std::set<std::string> keys;
  for (std::size_t k = 0; k < kOutputLines; ++k) keys.insert(KeyOf(static_cast<OutputLine>(k)));
  EXPECT_EQ(keys.size(), kOutputLines);
  EXPECT_FALSE(keys.contains("unknown line"));
}

}  // namespace
}  // namespace taktgate
