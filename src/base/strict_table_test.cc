#include "base/strict_table.h"

#include <gtest/gtest.h>

namespace taktgate {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST(ParseDuration, TakesNumbersWithUnits) {
  EXPECT_EQ(*ParseDuration("250us"), microseconds(250));
  EXPECT_EQ(*ParseDuration("1s"), std::chrono::seconds(1));
  EXPECT_EQ(*ParseDuration("7 ns"), Duration(7));
  for (const char* wrong : {"", "8", "ms", "8ms ", "1e30s", "nanms", "8 m s"}) {
    EXPECT_FALSE(ParseDuration(wrong)) << wrong;
  }
}

// The first thing that is wrong with a table [t] when `take` reads it; empty: nothing.
template <typename Take>
std::string WrongWith(std::string_view text, const Take& take) {
  auto root = TomlFile::Parse(text);
  if (!root) return root.error().message;
  std::optional<Error> error;
  StrictTable table(*root, "t", error);
  take(table);
  table.RefuseOtherKeys();
  return error ? error->message : "";
}

TEST(StrictTable, TextAsAnyEditorSavesIt) {
  std::uint32_t whole = 0;
  const auto take = [&](StrictTable& t) { t.Whole("whole", 0, 10, whole); };
  EXPECT_EQ(WrongWith("\xEF\xBB\xBF[t]\r\nwhole = 7\r\n", take), "");
  EXPECT_EQ(whole, 7u);
}

TEST(StrictTable, AKeyThatIsNotThereLeavesItsValue) {
  Duration time = milliseconds(3);
  std::uint32_t whole = 7;
  EXPECT_EQ(WrongWith("",
                      [&](StrictTable& t) {
                        t.Time("time", time);
                        t.Whole("whole", 0, 10, whole);
                      }),
            "");
  EXPECT_EQ(time, milliseconds(3));
  EXPECT_EQ(whole, 7U);
}

TEST(StrictTable, SaysWhatWasExpectedAndWhatItGot) {
  Duration time{};
  std::uint32_t whole = 7;
  const auto take = [&](StrictTable& t) {
    t.Time("time", time);
    t.Whole("whole", 1, 10, whole);
    t.Refuse("old", "has gone");
  };
  EXPECT_EQ(WrongWith("[t]\nwhole = 0", take),
            "[t] whole: expected a whole number from 1 to 10, got 0");
  EXPECT_EQ(whole, 7U);
  EXPECT_EQ(
      WrongWith("[t]\ntime = 3", take),
      "[t] time: expected a positive time with its unit in quotes, such as \"8ms\" (ns, us, ms, "
      "s, min, h), at most 115 days, got 3");
  EXPECT_EQ(WrongWith("[t]\nwhoel = 3", take),
            "[t]: unknown key \"whoel\"; known keys: time, whole");
  EXPECT_EQ(WrongWith("[t]\nold = 3", take), "[t] old has gone");
  EXPECT_EQ(WrongWith("t = 3", take), "[t]: expected a table, got 3");
  EXPECT_EQ(WrongWith("[t", take).substr(0, 6), "line 1");
  EXPECT_EQ(WrongWith("[t]\nname = \"L\xF6t\"", take),
            "expected UTF-8 text, got other bytes (the first at byte 13); save the file as UTF-8");
}

TEST(StrictTable, WhatCameIsShownWithoutItsControlCharacters) {
  std::string text = "before";
  std::uint32_t whole = 7;
  const auto take = [&](StrictTable& t) {
    t.Text("text", text);
    t.Whole("whole", 1, 10, whole);
  };
  EXPECT_EQ(
      WrongWith("[t]\ntext = \"L\xC3\xB6t\\u001b[2J\"", take),
      "[t] text: expected a text without control characters, got the text \"L\xC3\xB6t?[2J\"");
  EXPECT_EQ(text, "before");
  EXPECT_EQ(WrongWith("[t]\nwhole = \"a\\nb\"", take),
            "[t] whole: expected a whole number from 1 to 10, got the text \"a?b\"");
  EXPECT_EQ(WrongWith("[t]\n\"a\\tb\" = 3", take),
            "[t]: unknown key \"a?b\"; known keys: text, whole");
  const std::string broken = WrongWith("[t]\nflag = t\x10rue", take);
  EXPECT_EQ(broken.substr(0, 6), "line 2");
  EXPECT_EQ(broken.find('\x10'), std::string::npos);
}

}  // namespace
}  // namespace taktgate
