#include "apps/program.h"

#include <gtest/gtest.h>

#include <ostream>

#include "apps/test_program.h"
#include "base/test_tree.h"

namespace taktgate::apps {
namespace {

using testing::ExpectRefused;
using testing::Has;
using testing::Taktgate;

const std::vector<std::string> kCommands{
    "demo",    "run",   "status", "ack",     "stop",   "start",    "challenge", "release",
    "inspect", "bench", "bundle", "linesim", "replay", "selftest", "sim",       "version"};

TEST(Program, WantsACommandThatItKnows) {
  ExpectRefused(Taktgate({}), kExitUsage, {"subcommand"});
  ExpectRefused(Taktgate({"dance"}), kExitUsage, {"--help"});
  ExpectRefused(Taktgate({"version", "loudly"}), kExitUsage, {"loudly"});
}

TEST(Program, ListsEveryCommandButTheRelay) {
  const auto help = Taktgate({"--help"});
  EXPECT_EQ(help.code, kExitOk);
  EXPECT_EQ(help.err, "");
  for (const std::string& command : kCommands) EXPECT_TRUE(Has(help.out, "  " + command));
  EXPECT_EQ(help.out.find("linesim-relay"), std::string::npos);
}

TEST(Program, EveryCommandShowsAnExampleOfItself) {
  for (const std::string& command : kCommands) {
    const auto help = Taktgate({command, "--help"});
    EXPECT_EQ(help.code, kExitOk) << command;
    EXPECT_TRUE(Has(help.out, "Example: taktgate " + command));
  }
}

TEST(Program, NamesItsVersionAndThatOfItsEngine) {
  const auto version = Taktgate({"version"});
  EXPECT_EQ(version.code, kExitOk);
  EXPECT_EQ(version.out.rfind("taktgate " TAKTGATE_VERSION "\n", 0), 0U) << version.out;
  EXPECT_TRUE(Has(version.out, "ONNX Runtime"));
}

TEST(Program, ARefusalIsOneLineAndTheGivenCode) {
  ::testing::internal::CaptureStderr();
  const int code = Refuse({ErrorCode::kIo, "the disk is full; make room"}, kExitLineFault);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "taktgate: error: the disk is full; make room\n");
  EXPECT_EQ(code, kExitLineFault);
}

// Words on the command line that no command takes: nothing is started for them.
struct WrongWords {
  std::vector<std::string> words;
  std::string named;  // in the refusal
};

// The test is called after them.
void PrintTo(const WrongWords& wrong, std::ostream* out) {
  for (const std::string& word : wrong.words) *out << word << ' ';
}

class WrongUsage : public ::testing::TestWithParam<WrongWords> {};

TEST_P(WrongUsage, IsRefusedByName) {
  ExpectRefused(Taktgate(GetParam().words), kExitUsage, {GetParam().named});
}

INSTANTIATE_TEST_SUITE_P(
    Each, WrongUsage,
    ::testing::Values(
        WrongWords{{"demo", "--rate", "0"}, "--rate"},
        WrongWords{{"demo", "--rate", "1001"}, "--rate"},
        WrongWords{{"demo", "--seconds", "0"}, "--seconds"},
        WrongWords{{"demo", "--window", "0.5"}, "--window"},
        WrongWords{{"demo", "--defect-share", "1.5"}, "--defect-share"},
        WrongWords{{"demo", "--seed", "-1"}, "--seed"}, WrongWords{{"run"}, "STATION.toml"},
        WrongWords{{"run", "a.toml", "b.toml"}, "b.toml"}, WrongWords{{"status"}, "STATION.toml"},
        WrongWords{{"ack", "station.toml"}, "--name"},
        WrongWords{{"status", "station.toml", "--name", "x"}, "--name"},
        WrongWords{{"challenge", "release", "s.toml", "--name", "x"}, "--parts"},
        WrongWords{{"challenge", "release", "s.toml", "--name", "x", "--parts", "0"}, "--parts"},
        WrongWords{{"challenge", "release", "s.toml", "--name", "x", "--parts", "10001"},
                   "--parts"},
        WrongWords{{"release", "s.toml", "--name", "x"}, "BUNDLE.tgb"},
        WrongWords{{"stop", "s.toml", "--name", "x", "--parts", "1"}, "--parts"},
        WrongWords{{"inspect"}, "BUNDLE"}, WrongWords{{"bench"}, "BUNDLE"},
        WrongWords{{"bench", "b.tgb", "--rounds", "0"}, "--rounds"},
        WrongWords{{"bench", "b.tgb", "--parts", "0"}, "--parts"},
        WrongWords{{"bench", "b.tgb", "--seconds", "-1"}, "--seconds"},
        WrongWords{{"bundle"}, "subcommand"}, WrongWords{{"bundle", "show"}, "BUNDLE"},
        WrongWords{{"bundle", "eat", "b.tgb"}, "subcommand"},
        WrongWords{{"linesim", "--mode", "x"}, "--mode"},
        WrongWords{{"linesim", "--parts", "0"}, "--parts"},
        WrongWords{{"linesim", "--line-seed", "0"}, "--line-seed"},
        WrongWords{{"linesim", "--mode", "r", "--rate", "251"}, "--rate"},
        WrongWords{{"linesim", "--mode", "r", "--kills", "4001"}, "--kills"},
        WrongWords{{"linesim", "--mode", "r", "--hogs", "65"}, "--hogs"},
        WrongWords{{"linesim", "--mode", "r", "--relay-silence", "599"}, "--relay-silence"},
        WrongWords{{"replay"}, "INCIDENT"}, WrongWords{{"selftest", "--seconds", "0"}, "--seconds"},
        WrongWords{{"sim"}, "--out"}, WrongWords{{"sim", "--out", "x", "--parts", "0"}, "--parts"},
        WrongWords{{"sim", "--out", "x", "--val", "0.95"}, "--val"},
        WrongWords{{"sim", "--out", "x", "--test", "-0.1"}, "--test"}));

// Words that are right, about something that is not there or not sound.
class WrongInput : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return (tree.root() / name).string(); }

  taktgate::testing::Tree tree;
};

TEST_F(WrongInput, AFileThatIsNotThereIsNamed) {
  const std::string none = Path("none");
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"run", none},
                                             {"status", none},
                                             {"inspect", none, "board.png"},
                                             {"bench", none},
                                             {"bundle", "show", none},
                                             {"bundle", "verify", none},
                                             {"replay", none},
                                             {"selftest", none},
                                             {"demo", "--bundle", none},
                                             {"linesim", "--line", none},
                                             {"linesim", "--fault", none},
                                             {"linesim", "--mode", "r", "--bundle", none}}) {
    ExpectRefused(Taktgate(words), kExitBadInput, {none});
  }
}

TEST_F(WrongInput, AFileOfAnotherKindIsRefused) {
  tree.Write("text", "These are words, and nothing else.");
  const std::string text = Path("text");
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"run", text},
                                             {"inspect", text, "board.png"},
                                             {"bench", text},
                                             {"bundle", "show", text},
                                             {"bundle", "verify", text},
                                             {"replay", text},
                                             {"selftest", text},
                                             {"linesim", "--line", text},
                                             {"linesim", "--fault", text}}) {
    ExpectRefused(Taktgate(words), kExitBadInput, {text});
  }
}

TEST_F(WrongInput, ADemoWithoutTimeForAPartIsRefusedWithTheArithmetic) {
  ExpectRefused(Taktgate({"demo", "--window", "50", "--rate", "100"}), kExitBadInput, {"50"});
}

}  // namespace
}  // namespace taktgate::apps
