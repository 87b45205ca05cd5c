#include "apps/linesim.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "apps/test_program.h"
#include "base/json_text.h"
#include "base/test_tree.h"

namespace taktgate::apps {
namespace {

using testing::Ended;
using testing::ExpectRefused;
using testing::Has;
using testing::Taktgate;
using testing::TextOf;

class Linesim : public ::testing::Test {
 protected:
  Ended Run(std::vector<std::string> words) const {
    words.insert(words.begin(), "linesim");
    return Taktgate(words);
  }
  std::string Path(const std::string& name) const { return (tree.root() / name).string(); }
  // The line of the table that holds the digest over all decisions.
  static std::string Digest(const Ended& ended) {
    const std::size_t at = ended.out.find("digest ");
    return at == std::string::npos ? "none" : ended.out.substr(at, ended.out.find('\n', at) - at);
  }

  taktgate::testing::Tree tree;
};

TEST_F(Linesim, ASoundLineKeepsAllInvariants) {
  const Ended ended = Run({"--parts", "200"});
  EXPECT_EQ(ended.code, kExitOk) << ended.err;
  EXPECT_TRUE(Has(ended.out, "parts      200 in "));
  EXPECT_TRUE(Has(ended.out, "all invariants hold"));
}

TEST_F(Linesim, TheSameSeedGivesTheSameLine) {
  const Ended first = Run({"--parts", "200", "--seed", "7"});
  EXPECT_EQ(Digest(first), Digest(Run({"--parts", "200", "--seed", "7"})));
  EXPECT_NE(Digest(first), Digest(Run({"--parts", "200", "--seed", "8"})));
  EXPECT_NE(Digest(first), "none");
}

TEST_F(Linesim, WritesTheSameResultAsJson) {
  const Ended ended = Run({"--parts", "150", "--json", Path("out.json")});
  ASSERT_EQ(ended.code, kExitOk) << ended.err;
  const auto json = LooseJson(TextOf(tree.root() / "out.json"));
  EXPECT_EQ(json.value("parts", 0), 150);
  EXPECT_EQ(json.value("first_violation", "missing"), "");
  EXPECT_TRUE(Has(Digest(ended), json.value("digest", "missing")));
}

TEST_F(Linesim, AResultThatCannotBeWrittenIsNoSuccess) {
  const Ended ended = Run({"--parts", "100", "--json", Path("no/such/folder.json")});
  EXPECT_EQ(ended.code, kExitBadInput);
  EXPECT_TRUE(Has(ended.err, "folder.json"));
}

TEST_F(Linesim, DrawsTheLineByItsNumber) {
  const Ended first = Run({"--line-seed", "17", "--parts", "100"});
  EXPECT_EQ(first.code, kExitOk) << first.out;
  EXPECT_EQ(Digest(first), Digest(Run({"--line-seed", "17", "--parts", "100"})));
  EXPECT_NE(Digest(first), Digest(Run({"--line-seed", "18", "--parts", "100"})));
}

TEST_F(Linesim, ANumberThatDrawsTheLineGoesWithNoOtherLine) {
  for (const auto& [option, value] :
       {std::pair{"--seed", "1"}, {"--line", "x.toml"}, {"--rate", "50"}}) {
    ExpectRefused(Run({"--line-seed", "17", option, value}), kExitUsage, {option});
  }
  ExpectRefused(Run({"--line", "x.toml", "--rate", "50"}), kExitUsage, {"--rate"});
}

TEST_F(Linesim, OptionsOfTheOtherModeAreRefusedByName) {
  for (const auto& [option, value] : {std::pair{"--rate", "50"},
                                      {"--bundle", "x.tgb"},
                                      {"--kills", "1"},
                                      {"--freezes", "1"},
                                      {"--stalls", "1"},
                                      {"--swaps", "1"},
                                      {"--swap-with", "x.tgb"},
                                      {"--hogs", "1"},
                                      {"--relay-silence", "2000"}}) {
    ExpectRefused(Run({option, value}), kExitUsage, {option, "does not go with --mode v"});
  }
  ExpectRefused(Run({"--wiring", "x.toml"}), kExitUsage, {"--wiring", "--mode v"});
  ExpectRefused(Run({"--mode", "r", "--wiring", "x.toml"}), kExitUsage, {"--wiring", "--mode r"});
  for (const char* mode : {"r", "h"}) {
    ExpectRefused(Run({"--mode", mode, "--fault", "x.toml"}), kExitUsage,
                  {"--fault", std::string("--mode ") + mode});
  }
}

TEST_F(Linesim, ABoardNeedsItsWiringAndCannotStopItsStation) {
  ExpectRefused(Run({"--mode", "h"}), kExitUsage, {"--wiring"});
  for (const char* option : {"--kills", "--stalls", "--freezes", "--swaps"}) {
    ExpectRefused(Run({"--mode", "h", "--wiring", "x.toml", option, "1"}), kExitUsage,
                  {option, "does not go with --mode h"});
  }
  ExpectRefused(Run({"--mode", "h", "--wiring", Path("none.toml")}), kExitBadInput, {"none.toml"});
}

TEST_F(Linesim, SwapsNeedAnotherReleaseAndAStationThatIsLeftAlone) {
  ExpectRefused(Run({"--mode", "r", "--swaps", "3"}), kExitUsage, {"--swap-with BUNDLE"});
  ExpectRefused(Run({"--mode", "r", "--swap-with", "x.tgb"}), kExitUsage, {"--swaps N"});
  for (const char* option : {"--kills", "--stalls", "--freezes"}) {
    ExpectRefused(Run({"--mode", "r", "--swaps", "3", "--swap-with", "x.tgb", option, "1"}),
                  kExitUsage, {option});
  }
  ExpectRefused(Run({"--mode", "r", "--rate", "251"}), kExitUsage, {"--rate"});
}

TEST_F(Linesim, AFaultScriptBringsItsLine) {
  tree.Write("line.toml", "parts_per_second = 20");
  tree.Write("fault.toml",
             "line = \"line.toml\"\n[[fault]]\nkind = \"frame_lost\"\nparts = [20, 65]\nevery = 5");
  const Ended ended = Run({"--fault", Path("fault.toml"), "--parts", "100", "--json", Path("o")});
  ASSERT_EQ(ended.code, kExitOk) << ended.out << ended.err;
  const auto json = LooseJson(TextOf(tree.root() / "o"));
  EXPECT_GT(json.value("line_s", 0.0), 4.9) << "100 parts at 20 a second";
  EXPECT_EQ(json["frames"].value("lost", 0), 10);
  EXPECT_EQ(json["reasons"].value("no_frame", 0), 10);
}

TEST_F(Linesim, FaultScriptsMustAgreeAboutTheLineUnlessOneIsChosen) {
  tree.Write("a/line.toml", "parts_per_second = 20");
  tree.Write("b/line.toml", "parts_per_second = 25");
  for (const char* folder : {"a", "b"}) {
    tree.Write(std::string(folder) + "/fault.toml",
               "line = \"line.toml\"\n[[fault]]\nkind = \"frame_lost\"\nparts = [10, 10]");
  }
  const std::string a = Path("a/fault.toml"), b = Path("b/fault.toml");
  ExpectRefused(Run({"--fault", a, "--fault", b}), kExitBadInput,
                {"different lines", Path("a/line.toml"), Path("b/line.toml"), "--line"});
  const Ended chosen =
      Run({"--fault", a, "--fault", b, "--line", Path("b/line.toml"), "--parts", "50"});
  EXPECT_EQ(chosen.code, kExitOk) << chosen.err;
}

TEST_F(Linesim, AFaultThatTheLineCannotHaveIsRefused) {
  tree.Write("fault.toml", "[[fault]]\nkind = \"belt_stops\"\nat = \"1s\"\nfor = \"1s\"");
  ExpectRefused(Run({"--fault", Path("fault.toml")}), kExitBadInput,
                {"belt_stops", "belt = \"count\"", "--line"});
}

TEST_F(Linesim, TheRelayWantsALineThatIsThere) {
  ExpectRefused(Taktgate({"linesim-relay", Path("none"), "2000"}), kExitBadInput, {"none"});
  ExpectRefused(Taktgate({"linesim-relay", Path("none")}), kExitUsage, {"SILENCE_MS"});
}

}  // namespace
}  // namespace taktgate::apps
