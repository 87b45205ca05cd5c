#include "rig/loop_wiring.h"

#include <gtest/gtest.h>

#include "base/test_tree.h"

namespace taktgate::rig {
namespace {

constexpr const char* kWhole = R"(
[station]
trigger = "gpiochip0/17"
pass = "gpiochip0/22"
ready = "gpiochip0/23"
heartbeat = "gpiochip1/4"
[line]
trigger_out = "gpiochip0/27"
trigger_back = "gpiochip0/5"
pass = "gpiochip0/6"
ready = "gpiochip0/13"
)";

std::string Replaced(const std::string& from, const std::string& to) {
  std::string text = kWhole;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string Refused(const std::string& text) {
  const auto wiring = ParseLoopWiring(text);
  if (wiring) return "taken";
  EXPECT_EQ(wiring.error().code, ErrorCode::kInvalid);
  return wiring.error().message;
}

void ExpectWords(const std::string& message, std::initializer_list<const char*> words) {
  for (const char* word : words) EXPECT_NE(message.find(word), std::string::npos) << message;
}

TEST(LoopWiring, HasBothSidesOfEachWire) {
  const auto wiring = ParseLoopWiring(kWhole);
  ASSERT_TRUE(wiring) << wiring.error().message;
  EXPECT_EQ(ToString(wiring->loop.trigger_out), "gpiochip0/27");
  EXPECT_EQ(ToString(wiring->loop.trigger_back), "gpiochip0/5");
  const auto back = [&](OutputLine line) -> std::string {
    const auto& name = wiring->loop.back[static_cast<std::size_t>(line)];
    return name ? ToString(*name) : "none";
  };
  EXPECT_EQ(back(OutputLine::kPass), "gpiochip0/6");
  EXPECT_EQ(back(OutputLine::kReady), "gpiochip0/13");
  EXPECT_EQ(back(OutputLine::kHeartbeat), "none") << "driven, and not looked at";
  EXPECT_EQ(wiring->station_tables,
            "[input]\ntrigger = \"gpiochip0/17\"\n"
            "[output]\npass = \"gpiochip0/22\"\nready = \"gpiochip0/23\"\n"
            "heartbeat = \"gpiochip1/4\"\n");
}

TEST(LoopWiring, ATriggerNeedsBothSides) {
  ExpectWords(Refused(Replaced("trigger = \"gpiochip0/17\"", "")), {"trigger", "station's input"});
  ExpectWords(Refused(Replaced("trigger_out = \"gpiochip0/27\"", "")),
              {"trigger_out", "light barrier"});
  ExpectWords(Refused(Replaced("trigger_back = \"gpiochip0/5\"", "")),
              {"trigger_back", "witnesses"});
}

TEST(LoopWiring, WhatComesBackMustBeDriven) {
  ExpectWords(Refused(Replaced("pass = \"gpiochip0/22\"\n", "")), {"pass", "comes back there"});
}

TEST(LoopWiring, BothTablesAreNeededAndNoOthers) {
  ExpectWords(Refused(""), {"station"});
  ExpectWords(Refused("[station]\ntrigger = \"gpiochip0/17\""), {"line", "lines of that side"});
  ExpectWords(Refused(std::string(kWhole) + "[relay]\nx = 1"), {"relay"});
  ExpectWords(Refused("station = 3\nline = 4"), {"[station]", "a table"});
}

TEST(LoopWiring, KeysThatItDoesNotKnowAreRefused) {
  ExpectWords(Refused(Replaced("heartbeat =", "hartbeat =")), {"[station]", "\"hartbeat\""});
  ExpectWords(Refused(Replaced("trigger_out =", "door = \"a/b\"\ntrigger_out =")),
              {"[line]", "\"door\""});
}

TEST(LoopWiring, ALineIsNamedByChipAndNumber) {
  for (const char* name : {"17", "gpiochip0", "gpiochip0/", "/17", ""}) {
    ExpectWords(Refused(Replaced("gpiochip0/17", name)), {"trigger", "CHIP/LINE"});
  }
  ExpectWords(Refused(Replaced("\"gpiochip0/17\"", "17")), {"trigger"});
}

TEST(LoopWiring, WhatIsNoTomlIsRefusedByItsLine) { ExpectWords(Refused("[station"), {"line 1"}); }

TEST(LoopWiring, MessagesOfAFileNameIt) {
  taktgate::testing::Tree tree;
  tree.Write("board.toml", kWhole);
  tree.Write("empty.toml", "");
  EXPECT_TRUE(ReadLoopWiring(tree.root() / "board.toml"));
  const auto empty = ReadLoopWiring(tree.root() / "empty.toml");
  ASSERT_FALSE(empty);
  ExpectWords(empty.error().message, {"empty.toml"});
  const auto none = ReadLoopWiring(tree.root() / "none.toml");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  ExpectWords(none.error().message, {"wiring file", "none.toml"});
}

}  // namespace
}  // namespace taktgate::rig
