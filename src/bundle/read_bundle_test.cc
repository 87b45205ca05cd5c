#include "bundle/read_bundle.h"

#include <gtest/gtest.h>

#include <fstream>

#include "bundle/test_bundle.h"

namespace taktgate::bundle {
namespace {

using testing::Archive;
using testing::AsBytes;
using testing::GoldenPng;
using testing::kContractJson;
using testing::kRecipeJson;
using testing::NamedFiles;
using testing::Replaced;
using testing::TestBundle;

void ExpectRefused(const std::string& bytes, ErrorCode code, std::string_view words) {
  const auto release = ReadBundle(AsBytes(bytes));
  ASSERT_FALSE(release) << words;
  EXPECT_EQ(release.error().code, code) << release.error().message;
  EXPECT_NE(release.error().message.find(words), std::string::npos) << release.error().message;
  EXPECT_NE(release.error().message.find(';'), std::string::npos)
      << "no advice: " << release.error().message;
}

// The smallest bundle there is: no golden image, no alignment, no certificate.
TestBundle SmallBundle() {
  TestBundle bundle;
  bundle.Remove("golden");
  bundle.Remove("certificate");
  bundle.Member("recipe").content =
      R"({"schema":1,"frame":null,"golden":null,"windows":"whole_frame","alignment":null,)"
      R"("thresholds":{"pass_at_most":0.5,"fail_at_least":0.5}})";
  bundle.Member("model") = {"model.onnx", "model", "model bytes", {}};
  return bundle;
}

TEST(ReadBundleTest, RightBundleGivesTheRelease) {
  const TestBundle bundle;
  const auto release = ReadBundle(AsBytes(bundle.Bytes()));
  ASSERT_TRUE(release) << release.error().message;
  EXPECT_EQ(release->id, Sha256Hex(AsBytes(bundle.Manifest())));
  EXPECT_EQ(release->short_id(), release->id.substr(0, 12));
  EXPECT_EQ(release->name, "demo-board");
  EXPECT_EQ(release->version, "1");
  EXPECT_EQ(release->members.size(), 6u);
  EXPECT_FALSE(release->has_signature);
  EXPECT_EQ(std::string(release->model.begin(), release->model.end()), bundle.model);
  EXPECT_EQ(release->contract.input.height, 48);
  EXPECT_EQ(release->labels.size(), 2u);
  EXPECT_EQ(release->recipe.windows.size(), 2u);
  ASSERT_TRUE(release->golden);
  EXPECT_EQ(release->golden->width, 96);
  EXPECT_EQ(release->golden->height, 80);
  EXPECT_EQ(release->certificate, R"({"schema": 1})");
}

TEST(ReadBundleTest, SmallestBundle) {
  const auto release = ReadBundle(AsBytes(SmallBundle().Bytes()));
  ASSERT_TRUE(release) << release.error().message;
  EXPECT_EQ(std::string(release->model.begin(), release->model.end()), "model bytes");
  EXPECT_FALSE(release->golden);
  EXPECT_TRUE(release->certificate.empty());
  EXPECT_TRUE(release->recipe.windows.empty());
}

TEST(ReadBundleTest, ANetworkBesideTheModelOrAlone) {
  TestBundle bundle = testing::WithNetwork();
  const auto both = ReadBundle(AsBytes(bundle.Bytes()));
  ASSERT_TRUE(both) << both.error().message;
  EXPECT_EQ(std::string(both->model.begin(), both->model.end()), bundle.model);
  EXPECT_EQ(std::string(both->network.begin(), both->network.end()), testing::kNetworkBytes);
  bundle.Remove("model");
  const auto alone = ReadBundle(AsBytes(bundle.Bytes()));
  ASSERT_TRUE(alone) << alone.error().message;
  EXPECT_TRUE(alone->model.empty());
  EXPECT_EQ(alone->network, both->network);
  EXPECT_TRUE(ReadBundle(AsBytes(TestBundle().Bytes()))->network.empty());
  bundle.Member("network").decoded += "!";
  ExpectRefused(bundle.Bytes(), ErrorCode::kCorrupt, "network.tgn.zst: ");
}

TEST(ReadBundleTest, PlaceOfTheSignature) {
  NamedFiles files = TestBundle().Files();
  files.insert(files.begin() + 1, {"manifest.sig", std::string(16U << 10, 's')});
  const auto release = ReadBundle(AsBytes(Archive(files)));
  ASSERT_TRUE(release) << release.error().message;
  EXPECT_TRUE(release->has_signature);

  files[1].second += "s";
  ExpectRefused(Archive(files), ErrorCode::kInvalid, "manifest.sig: expected at most 16384 bytes");
  files[1].second = "s";
  std::swap(files[1], files[2]);
  ExpectRefused(Archive(files), ErrorCode::kInvalid, "got \"manifest.sig\"");
}

TEST(ReadBundleTest, CutAnywhereIsRefused) {
  const std::string bytes = TestBundle().Bytes();
  for (std::size_t size = 0; size < bytes.size(); size += 512) {
    const auto release = ReadBundle(AsBytes(bytes).first(size));
    ASSERT_FALSE(release) << size;
    EXPECT_EQ(release.error().code, ErrorCode::kCorrupt) << size;
    ASSERT_FALSE(ReadBundle(AsBytes(bytes).first(size + 1))) << size + 1;
  }
}

// Every byte counts. Nothing pins the manifest itself until it is signed: there a flip may give
// another name or version, but then also another release id, so it never passes for the same
// release.
TEST(ReadBundleTest, EveryFlippedByteIsRefused) {
  const TestBundle bundle = SmallBundle();
  const std::string right = bundle.Bytes();
  const std::string id = ReadBundle(AsBytes(right))->id;
  const std::string manifest = bundle.Manifest();
  int renamed = 0;
  for (std::size_t at = 0; at < right.size(); ++at) {
    for (const int mask : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
      std::string flipped = right;
      flipped[at] = static_cast<char>(flipped[at] ^ mask);
      const auto release = ReadBundle(AsBytes(flipped));
      if (!release) continue;
      ++renamed;
      ASSERT_GE(at, 512u);
      ASSERT_LT(at, 512 + manifest.size());
      ASSERT_NE(release->id, id);
      ASSERT_TRUE(release->name != "demo-board" || release->version != "1")
          << "byte " << at << " of the manifest means nothing";
    }
  }
  EXPECT_LT(renamed, 100);
}

TEST(ReadBundleTest, ManifestComesFirstAndOnce) {
  NamedFiles files = TestBundle().Files();
  std::swap(files[0], files[1]);
  ExpectRefused(Archive(files), ErrorCode::kInvalid,
                "expected manifest.json as the first entry, got \"model.onnx.zst\"");
  ExpectRefused(Archive({}), ErrorCode::kInvalid,
                "expected manifest.json as the first entry, got nothing");
  files = TestBundle().Files();
  files.push_back(files[0]);
  ExpectRefused(Archive(files), ErrorCode::kInvalid, "two entries \"manifest.json\"");
  files = TestBundle().Files();
  files[0].second += std::string(1U << 20, ' ');
  ExpectRefused(Archive(files), ErrorCode::kInvalid,
                "manifest.json: expected at most 1048576 bytes");
}

TEST(ReadBundleTest, NothingUnlistedNothingMissing) {
  NamedFiles files = TestBundle().Files();
  files.emplace_back("extra.txt", "x");
  ExpectRefused(Archive(files), ErrorCode::kInvalid,
                "only files that the manifest lists, got \"extra.txt\"");

  files = TestBundle().Files();
  files.insert(files.begin() + 2, {"extra.txt", "x"});
  ExpectRefused(Archive(files), ErrorCode::kInvalid,
                "expected \"contract.json\" as the manifest lists it, got \"extra.txt\"");

  files = TestBundle().Files();
  files.pop_back();
  ExpectRefused(Archive(files), ErrorCode::kCorrupt,
                "expected \"certificate.json\" as the manifest lists it, got the end");

  files = TestBundle().Files();
  files[3].first = "label.json";
  ExpectRefused(Archive(files), ErrorCode::kInvalid,
                "expected \"labels.json\" as the manifest lists it, got \"label.json\"");

  files = TestBundle().Files();
  std::swap(files[2], files[3]);
  ExpectRefused(Archive(files), ErrorCode::kInvalid, "expected \"contract.json\"");
}

TEST(ReadBundleTest, SizeAndDigestArePinned) {
  NamedFiles files = TestBundle().Files();
  files[2].second += " ";
  ExpectRefused(Archive(files), ErrorCode::kCorrupt,
                "contract.json: expected 232 bytes as the manifest says, got 233");
  files = TestBundle().Files();
  files[3].second = Replaced(files[3].second, "good", "food");
  ExpectRefused(Archive(files), ErrorCode::kCorrupt, "labels.json: expected the SHA-256 ");
}

TEST(ReadBundleTest, ModelMustDecodeToWhatIsPinned) {
  TestBundle bundle;
  bundle.Member("model").decoded += "x";
  ExpectRefused(bundle.Bytes(), ErrorCode::kCorrupt, "model.onnx.zst: expected a zstd frame of ");
  bundle = TestBundle();
  bundle.Member("model").decoded[0] = 'N';
  ExpectRefused(bundle.Bytes(), ErrorCode::kCorrupt,
                "model.onnx.zst: expected the decoded SHA-256 ");
  bundle = TestBundle();
  bundle.Member("model").content += "x";
  ExpectRefused(bundle.Bytes(), ErrorCode::kCorrupt, "nothing after the zstd frame");
  bundle = TestBundle();
  bundle.Member("model").content = "not zstd";
  ExpectRefused(bundle.Bytes(), ErrorCode::kCorrupt, "expected a zstd frame, got other bytes");
}

TEST(ReadBundleTest, EveryPartIsParsedStrictly) {
  const auto change = [](const std::string& role, std::string_view from, std::string_view to) {
    TestBundle bundle;
    bundle.Member(role).content = Replaced(bundle.Member(role).content, from, to);
    return bundle.Bytes();
  };
  ExpectRefused(change("contract", "64", "7"), ErrorCode::kInvalid,
                "contract.json: input.width: expected a whole number from 32 to 320, got 7; make "
                "the bundle again");
  ExpectRefused(change("labels", "open", "good"), ErrorCode::kInvalid,
                "labels.json: labels[1].name");
  ExpectRefused(change("recipe", "16", "99"), ErrorCode::kInvalid,
                "recipe.json: alignment.max_shift");
  ExpectRefused(change("certificate", "1", "2"), ErrorCode::kUnsupported,
                "install a newer taktgate");
  ExpectRefused(change("certificate", "1", "1, \"a\": [[[[[[[[1]]]]]]]]"), ErrorCode::kInvalid,
                "certificate.json: expected nesting of at most 8");
  ExpectRefused(change("golden", "PNG", "GNP"), ErrorCode::kInvalid, "golden.png: ");
}

TEST(ReadBundleTest, GoldenAndRecipeBelongTogether) {
  TestBundle bundle;
  bundle.Remove("golden");
  ExpectRefused(bundle.Bytes(), ErrorCode::kInvalid,
                "recipe.json: golden: expected a file of the bundle with the role \"golden\", got "
                "\"golden.png\"");

  bundle = TestBundle();
  bundle.Member("golden").name = "other.png";
  ExpectRefused(bundle.Bytes(), ErrorCode::kInvalid,
                "golden: expected \"other.png\" as the manifest lists it, got \"golden.png\"");

  bundle = SmallBundle();
  bundle.members.push_back({"golden.png", "golden", GoldenPng(96, 80), {}});
  ExpectRefused(bundle.Bytes(), ErrorCode::kInvalid,
                "golden: expected \"golden.png\" as the manifest lists it, got null");

  bundle = TestBundle();
  bundle.Member("golden").content = GoldenPng(80, 96);
  ExpectRefused(bundle.Bytes(), ErrorCode::kInvalid,
                "golden.png: expected the size of the recipe's frame, 96 x 80 px, got 80 x 96 px");

  bundle = TestBundle();
  std::string& recipe = bundle.Member("recipe").content;
  recipe = Replaced(recipe, R"({"width": 96, "height": 80})", "null");
  recipe = Replaced(recipe, R"({"method": "profiles", "max_shift": 16, "min_score": 0.6})", "null");
  EXPECT_TRUE(ReadBundle(AsBytes(bundle.Bytes())));
  bundle.Member("golden").content = GoldenPng(95, 80);
  ExpectRefused(bundle.Bytes(), ErrorCode::kInvalid,
                "golden.png: expected a golden image that holds the window \"right\"");
}

// A sample list may bring a golden image per row, so a contract may want one that the recipe lacks.
TEST(ReadBundleTest, ContractMayWantAGoldenImageThatTheListBrings) {
  EXPECT_TRUE(ReadBundle(AsBytes(SmallBundle().Bytes()))->contract.input.golden);
}

TEST(ReadBundleTest, FilesAreNamedInMessages) {
  const std::filesystem::path path =
      std::filesystem::path(::testing::TempDir()) / "taktgate_read_bundle_test.tgb";
  std::filesystem::remove(path);
  const auto missing = ReadBundleFile(path);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_NE(missing.error().message.find(path.string()), std::string::npos);

  const std::string bytes = TestBundle().Bytes();
  std::ofstream(path, std::ios::binary) << bytes;
  EXPECT_TRUE(ReadBundleFile(path));
  std::ofstream(path, std::ios::binary) << bytes.substr(0, 700);
  const auto cut = ReadBundleFile(path);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(cut.error().message.find(path.string()), 0u) << cut.error().message;
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace taktgate::bundle
