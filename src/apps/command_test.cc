#include "apps/command.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

namespace taktgate::apps {
namespace {

// What CLI11 says to these words, given as the shell gives them; empty: it takes them.
class Commands : public ::testing::Test {
 protected:
  std::string Said(std::vector<std::string> words) {
    std::reverse(words.begin(), words.end());
    try {
      app.parse(std::move(words));
    } catch (const CLI::ParseError& error) {
      return error.what();
    }
    return {};
  }

  CLI::App app{"a program", "program"};
  const Command commands{&app};
};

TEST_F(Commands, ValuesOfEveryTypeArrive) {
  std::string text;
  std::vector<std::string> list;
  int whole = 0;
  unsigned natural = 0;
  std::uint64_t large = 0;
  double real = 0;
  bool flag = false;
  commands.Add("--text", text, "");
  commands.Add("--list", list, "");
  commands.Add("--whole", whole, "");
  commands.Add("--natural", natural, "");
  commands.Add("--large", large);
  commands.Add("--real", real, "");
  commands.Flag("--flag", flag, "");
  EXPECT_EQ(Said({"--text", "a b", "--list", "x", "--list", "y", "--whole", "-3", "--natural", "4",
                  "--large", "18446744073709551615", "--real", "0.25", "--flag"}),
            "");
  EXPECT_EQ(text, "a b");
  EXPECT_EQ(list, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(whole, -3);
  EXPECT_EQ(natural, 4U);
  EXPECT_EQ(large, UINT64_MAX);
  EXPECT_EQ(real, 0.25);
  EXPECT_TRUE(flag);
}

TEST_F(Commands, BothEndsOfARangeAreInIt) {
  int whole = 0;
  unsigned natural = 0;
  std::uint64_t large = 0;
  double real = 0;
  commands.Add("--whole", whole, "").Between(-2, 3);
  commands.Add("--natural", natural, "").Between(2U, 3U);
  commands.Add("--large", large).Between(std::uint64_t{5}, std::uint64_t{1} << 62);
  commands.Add("--real", real, "").Between(0.5, 0.75);
  for (const char* word : {"-2", "3"}) EXPECT_EQ(Said({"--whole", word}), "");
  for (const char* word : {"2", "3"}) EXPECT_EQ(Said({"--natural", word}), "");
  for (const char* word : {"5", "4611686018427387904"}) EXPECT_EQ(Said({"--large", word}), "");
  for (const char* word : {"0.5", "0.75"}) EXPECT_EQ(Said({"--real", word}), "");
  for (const char* word : {"-3", "4", "1.5", "two"}) EXPECT_NE(Said({"--whole", word}), "") << word;
  for (const char* word : {"1", "4", "-2"}) EXPECT_NE(Said({"--natural", word}), "") << word;
  for (const char* word : {"4", "4611686018427387905"}) EXPECT_NE(Said({"--large", word}), "");
  for (const char* word : {"0.4", "0.76"}) EXPECT_NE(Said({"--real", word}), "") << word;
}

TEST_F(Commands, ANumberThatDoesNotFitIsNotMadeIntoAnother) {
  std::uint64_t seed = 1;
  unsigned natural = 1;
  commands.Add("--seed", seed);
  commands.Add("--natural", natural, "");
  for (const char* word : {"-1", "18446744073709551616", "1e3", "0.5", " -1"}) {
    EXPECT_NE(Said({"--seed", word}).find("--seed"), std::string::npos) << word;
  }
  for (const char* word : {"-1", "4294967296", "18446744073709551616"}) {
    EXPECT_NE(Said({"--natural", word}).find("--natural"), std::string::npos) << word;
  }
}

TEST_F(Commands, ARefusalNamesTheOption) {
  int whole = 0;
  commands.Add("--hogs", whole, "").Between(0, 64);
  EXPECT_NE(Said({"--hogs", "65"}).find("--hogs"), std::string::npos);
}

TEST_F(Commands, OneOfTakesThoseWordsAlone) {
  std::string mode;
  commands.Add("--mode", mode, "").OneOf({"v", "r"});
  EXPECT_EQ(Said({"--mode", "r"}), "");
  EXPECT_EQ(mode, "r");
  for (const char* word : {"x", "V", ""}) EXPECT_NE(Said({"--mode", word}), "") << word;
}

TEST_F(Commands, WhatIsRequiredMustBeGiven) {
  std::string name;
  commands.Add("--name", name, "").Required();
  EXPECT_NE(Said({}).find("--name"), std::string::npos);
  EXPECT_EQ(Said({"--name", "M. Weber"}), "");
}

TEST_F(Commands, WhatExcludesEachOtherIsNotTakenTogether) {
  std::string line;
  std::uint64_t seed = 0;
  const Option a = commands.Add("--line", line, "");
  const Option b = commands.Add("--line-seed", seed);
  b.Excludes(a);
  EXPECT_EQ(Said({"--line", "x"}), "");
  EXPECT_EQ(Said({"--line-seed", "1"}), "");
  const std::string said = Said({"--line-seed", "1", "--line", "x"});
  EXPECT_NE(said.find("--line"), std::string::npos) << said;
}

TEST_F(Commands, AnOptionKnowsItsNameAndWhetherItWasGiven) {
  std::uint64_t parts = 7;
  const Option option = commands.Add("--parts", parts).ShowDefault();
  EXPECT_EQ(option.name(), "--parts");
  EXPECT_EQ(commands.Find("--parts").name(), "--parts");
  EXPECT_EQ(Said({}), "");
  EXPECT_FALSE(option.given());
  EXPECT_EQ(Said({"--parts", "7"}), "");
  EXPECT_TRUE(option.given()) << "also with the value that it has anyway";
  EXPECT_TRUE(commands.Find("--parts").given());
}

TEST_F(Commands, TheHelpHasDefaultsHeadingsAndTheFooter) {
  std::uint64_t parts = 123;
  int kills = 45;
  const Command sub = commands.Sub("linesim", "A simulated line");
  sub.Add("--parts", parts).ShowDefault();
  sub.Add("--kills", kills, "SIGKILLs").Group("Mode r");
  sub.Footer("Example: program linesim");
  EXPECT_NE(app.help().find("A simulated line"), std::string::npos);
  const std::string help = app.get_subcommand("linesim")->help();
  EXPECT_NE(help.find("123"), std::string::npos) << help;
  EXPECT_EQ(help.find("45"), std::string::npos) << help;
  EXPECT_LT(help.find("Mode r"), help.find("--kills")) << help;
  EXPECT_NE(help.find("Example: program linesim"), std::string::npos) << help;
}

TEST_F(Commands, AHiddenCommandIsNotListedAndStillRuns) {
  int ran = 0;
  commands.Sub("relay", "of a line").Hidden().Run([&] { ++ran; });
  EXPECT_EQ(app.help().find("relay"), std::string::npos) << app.help();
  EXPECT_EQ(Said({"relay"}), "");
  EXPECT_EQ(ran, 1);
}

TEST_F(Commands, ACommandOfCommandsDoesNothingAlone) {
  std::vector<std::string> ran;
  const Command bundle = commands.Sub("bundle", "");
  bundle.NeedSub();
  bundle.Sub("show", "").Run([&] { ran.emplace_back("show"); });
  bundle.Sub("verify", "").Run([&] { ran.emplace_back("verify"); });
  EXPECT_NE(Said({"bundle"}), "");
  EXPECT_TRUE(ran.empty());
  EXPECT_EQ(Said({"bundle", "verify"}), "");
  EXPECT_EQ(ran, std::vector<std::string>{"verify"});
}

}  // namespace
}  // namespace taktgate::apps
