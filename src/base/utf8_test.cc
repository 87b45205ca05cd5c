#include "base/utf8.h"

#include <gtest/gtest.h>

namespace taktgate {
namespace {

TEST(Utf8, IsTakenOnlyWellFormed) {
  for (const std::string_view good : {"", "abc", "\xC2\x80", "\xE2\x82\xAC", "\xEF\xBF\xBF",
                                      "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "ä€"}) {
    EXPECT_EQ(FindBadUtf8(good), std::string_view::npos) << good;
  }
  for (const std::string_view bad :
       {"\x80", "\xC0\xAF", "\xC1\xBF", "\xC2", "\xE0\x80\xAF", "\xE2\x82", "\xED\xA0\x80",
        "\xF0\x80\x80\xAF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xE2\x28\xA1"}) {
    EXPECT_EQ(FindBadUtf8("ab" + std::string(bad) + "c"), 2U) << bad;
  }
}

TEST(Utf8, APrintableTextKeepsItsLettersAndNothingElse) {
  EXPECT_EQ(Printable("L\xC3\xB6t\n\x1B[2J\x7F", 60), "L\xC3\xB6t??[2J?");
  EXPECT_EQ(Printable("\xC2\x85\xC2\xA0|\xFC|", 60), "?\xC2\xA0|?|");
  EXPECT_EQ(Printable(std::string_view("a\0b", 3), 60), "a?b");
}

TEST(Utf8, ALongTextIsCutBetweenCharacters) {
  EXPECT_EQ(Printable("abcd", 4), "abcd");
  EXPECT_EQ(Printable("abcde", 4), "abcd...");
  EXPECT_EQ(Printable("abc\xC3\xB6", 4), "abc...");
  EXPECT_EQ(Quoted(std::string(1000, 'x')).size(), 65U);
}

}  // namespace
}  // namespace taktgate
