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
  auto root = ParseToml(text);
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

TEST(StrictTable, SaysWhatWasExpectedAndWhatCame) {
  Duration time{};
  std::uint32_t whole = 7;
  const auto take = [&](StrictTable& t) {
    t.Time("time", time);
    t.Whole("whole", 1, 10, whole);
    t.Refuse("old", "has gone");
  };
  EXPECT_EQ(WrongWith("[t]\nwhole = 0", take),
            "[t] whole: expected a whole number from 1 to 10, came 0");
  EXPECT_EQ(whole, 7U);
  EXPECT_EQ(
      WrongWith("[t]\ntime = 3", take),
      "[t] time: expected a positive time with its unit in quotes, such as \"8ms\" (ns, us, ms, "
      "s), came 3");
  EXPECT_EQ(WrongWith("[t]\nwhoel = 3", take),
            "[t]: unknown key \"whoel\"; known keys: time, whole");
  EXPECT_EQ(WrongWith("[t]\nold = 3", take), "[t] old has gone");
  EXPECT_EQ(WrongWith("t = 3", take), "[t]: expected a table, came 3");
  EXPECT_EQ(WrongWith("[t", take).substr(0, 6), "line 1");
}

}  // namespace
}  // namespace taktgate
