// `taktgate bundle` and `taktgate inspect` on bundles that load.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "apps/test_program.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/test_tree.h"
#include "image/decode.h"
#include "image/test_board.h"
#include "inspect/test_whole_bundle.h"

namespace taktgate::apps {
namespace {

using testing::Ended;
using testing::ExpectRefused;
using testing::Has;
using testing::Taktgate;

class InspectCommand : public ::testing::Test {
 protected:
  InspectCommand() {
    EXPECT_TRUE(WriteFile(tree.root() / "whole.tgb", inspect::testing::WholeBundle().Bytes()));
  }
  std::string Path(const std::string& name) const { return (tree.root() / name).string(); }
  void WriteBoard(const std::string& name, unsigned seed) const {
    const auto image = image::testing::RandomImage(32, 32, image::PixelFormat::kGrey8, seed);
    const auto png = image::EncodePng(image.View());
    ASSERT_TRUE(png);
    std::filesystem::create_directories((tree.root() / name).parent_path());
    ASSERT_TRUE(
        WriteFile(tree.root() / name, {reinterpret_cast<const char*>(png->data()), png->size()}));
  }
  static std::vector<nlohmann::ordered_json> Lines(const std::string& text) {
    std::vector<nlohmann::ordered_json> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(LooseJson(line));
    return lines;
  }

  taktgate::testing::Tree tree;
  const std::string bundle = Path("whole.tgb");
};

TEST_F(InspectCommand, ACompiledNetworkIsReadWhenItsBundleIsVerified) {
  const auto write = [&](const std::string& network) {
    ASSERT_TRUE(
        WriteFile(tree.root() / "network.tgb", inspect::testing::NetworkBundle(network).Bytes()));
  };
  const std::string path = Path("network.tgb");
  const std::string right = infer::testing::NetworkBytes();
  write(right);
  EXPECT_TRUE(Has(Taktgate({"bundle", "verify", path}).out, "whole and sound"));
  const auto changed = [&](std::size_t at) {
    std::string text = right;
    text[at] = static_cast<char>(text[at] ^ 2);
    return text;
  };
  // The digests of the bundle are right: it was packed so.
  for (const auto& [network, words] :
       {std::pair{changed(right.size() - 1), "expected the checksum "},
        {right.substr(0, right.size() - 64), " bytes as its header says, got "},
        {changed(8), "expected a compiled network of version 1, got version 3; install a newer"},
        {changed(0), "expected a compiled network, got another kind of file; make the bundle"}}) {
    write(network);
    for (const char* command : {"verify", "show"}) {
      const Ended refused = Taktgate({"bundle", command, path});
      ExpectRefused(refused, kExitBadInput,
                    {path + ": compiled network: ", words,
                     "make the bundle again with `taktgate-prep pack`"});
      EXPECT_EQ(refused.err.find("; "), refused.err.rfind("; ")) << "one remedy: " << refused.err;
    }
  }
}

TEST_F(InspectCommand, ABundleIsShownWithAllThatDecides) {
  const Ended shown = Taktgate({"bundle", "show", bundle});
  EXPECT_EQ(shown.code, kExitOk) << shown.err;
  for (const char* words :
       {"release   demo-board 1", "signature none", "file      model.onnx", "32 x 32 px, grey",
        "good (pass) open short", "windows   the whole frame",
        "pass at most 0.25, fail at least 0.5", "certificate\n{\"schema\": 1}"}) {
    EXPECT_TRUE(Has(shown.out, words));
  }
}

TEST_F(InspectCommand, ABundleWithWindowsAndAlignmentShowsThem) {
  ASSERT_TRUE(WriteFile(tree.root() / "two.tgb", bundle::testing::TestBundle().Bytes()));
  const Ended shown = Taktgate({"bundle", "show", Path("two.tgb")});
  EXPECT_TRUE(Has(shown.out, "window    right: 64 x 48 px at 32, 32"));
  EXPECT_TRUE(Has(shown.out, "alignment up to 16 px, score at least 0.6"));
  EXPECT_TRUE(Has(shown.out, "64 x 48 px, grey + golden, area resize"));
}

TEST_F(InspectCommand, VerifyFindsTheByteThatChanged) {
  const Ended sound = Taktgate({"bundle", "verify", bundle});
  EXPECT_EQ(sound.code, kExitOk);
  EXPECT_TRUE(Has(sound.out, "whole and sound, release demo-board 1"));
  std::string bytes = inspect::testing::WholeBundle().Bytes();
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  ASSERT_TRUE(WriteFile(tree.root() / "cut.tgb", bytes));
  ExpectRefused(Taktgate({"bundle", "verify", Path("cut.tgb")}), kExitBadInput, {"cut.tgb"});
}

TEST_F(InspectCommand, WantsImagesOrDataButNotBoth) {
  ExpectRefused(Taktgate({"inspect", bundle}), kExitUsage, {"neither", "--data"});
  ExpectRefused(Taktgate({"inspect", bundle, "a.png", "--data", "x.tsv"}), kExitUsage, {"both"});
}

TEST_F(InspectCommand, SaysOneLineOfEachImageAndASummary) {
  WriteBoard("a.png", 1);
  WriteBoard("b.png", 2);
  const Ended text = Taktgate({"inspect", bundle, Path("a.png"), Path("b.png")});
  EXPECT_EQ(text.code, kExitOk) << text.err;
  EXPECT_LT(text.out.find("a.png"), text.out.find("b.png"));
  EXPECT_TRUE(Has(text.out, "images 2, windows 2"));
  const Ended json = Taktgate({"inspect", bundle, Path("a.png"), Path("b.png"), "--json"});
  const auto lines = Lines(json.out);
  ASSERT_EQ(lines.size(), 3U) << json.out;
  EXPECT_EQ(lines[1].value("image", ""), Path("b.png"));
  EXPECT_EQ(lines[1].value("row", 0), 2);
  EXPECT_EQ(lines[2].value("kind", ""), "summary");
  EXPECT_EQ(lines[2].value("images", 0), 2);
}

TEST_F(InspectCommand, AnImageThatCannotBeJudgedIsNamedAndTheOthersAreJudged) {
  WriteBoard("a.png", 1);
  tree.Write("b.png", "no image");
  const Ended ended =
      Taktgate({"inspect", bundle, Path("b.png"), Path("none.png"), Path("a.png"), "--json"});
  EXPECT_EQ(ended.code, kExitBadInput);
  EXPECT_TRUE(Has(ended.err, "taktgate: error: " + Path("b.png") + ": "));
  EXPECT_TRUE(Has(ended.err, "taktgate: error: " + Path("none.png") + ": "));
  const auto lines = Lines(ended.out);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0].value("verdict", ""), "unknown");
  EXPECT_NE(lines[0].value("error", ""), "");
  EXPECT_FALSE(lines[2].contains("error"));
  EXPECT_EQ(lines[3].value("refused", 0), 2);
}

TEST_F(InspectCommand, AFolderIsJudgedSplitBySplitAndStraysAreCounted) {
  WriteBoard("data/train/good/1.png", 1);
  WriteBoard("data/test/good/2.png", 2);
  WriteBoard("data/test/open/3.png", 3);
  tree.Write("data/test/open/notes.txt", "seen on Monday");
  const Ended ended =
      Taktgate({"inspect", bundle, "--data", Path("data"), "--split", "test", "--json"});
  EXPECT_EQ(ended.code, kExitOk) << ended.err;
  EXPECT_TRUE(Has(ended.err, "test/open/notes.txt"));
  const auto lines = Lines(ended.out);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1].value("label", ""), "open");
  EXPECT_EQ(lines[2].value("labelled", 0), 2);
  EXPECT_EQ(lines[2].value("left_out", 0), 1);
}

TEST_F(InspectCommand, DataOfAnotherReleaseOrOfNoRowIsRefused) {
  WriteBoard("data/train/good/1.png", 1);
  ExpectRefused(Taktgate({"inspect", bundle, "--data", Path("data"), "--split", "test"}),
                kExitBadInput, {Path("data"), "test"});
  WriteBoard("other/train/rust/1.png", 1);
  ExpectRefused(Taktgate({"inspect", bundle, "--data", Path("other")}), kExitBadInput, {"rust"});
}

TEST_F(InspectCommand, ABundleWhoseModelIsNoneIsRefusedByItsName) {
  ASSERT_TRUE(WriteFile(tree.root() / "no_model.tgb", bundle::testing::TestBundle().Bytes()));
  ExpectRefused(Taktgate({"inspect", Path("no_model.tgb"), "a.png"}), kExitBadInput,
                {"no_model.tgb"});
  ExpectRefused(Taktgate({"bench", Path("no_model.tgb")}), kExitBadInput, {"no_model.tgb"});
}

}  // namespace
}  // namespace taktgate::apps
