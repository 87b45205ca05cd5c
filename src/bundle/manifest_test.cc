#include "bundle/manifest.h"

#include <gtest/gtest.h>

#include "bundle/test_bundle.h"

namespace taktgate::bundle {
namespace {

using testing::AsBytes;
using testing::Replaced;
using testing::TestBundle;
using testing::WithNetwork;

void ExpectRefused(const std::string& text, std::string_view words) {
  const auto manifest = ParseManifest(AsBytes(text));
  ASSERT_FALSE(manifest) << text;
  EXPECT_EQ(manifest.error().message.find("manifest.json: "), 0u);
  EXPECT_NE(manifest.error().message.find(words), std::string::npos) << manifest.error().message;
}

void ExpectChangeRefused(std::string_view from, std::string_view to, std::string_view words) {
  ExpectRefused(Replaced(TestBundle().Manifest(), from, to), words);
}

TEST(ManifestTest, EveryFieldArrives) {
  const TestBundle bundle;
  const auto manifest = ParseManifest(AsBytes(bundle.Manifest()));
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->name, "demo-board");
  EXPECT_EQ(manifest->version, "1");
  ASSERT_EQ(manifest->members.size(), 6u);
  const Member& model = manifest->members[0];
  EXPECT_EQ(model.name, "model.onnx.zst");
  EXPECT_EQ(model.role, "model");
  EXPECT_EQ(model.size, bundle.members[0].content.size());
  EXPECT_TRUE(model.zstd);
  EXPECT_EQ(model.decoded_size, bundle.model.size());
  EXPECT_EQ(model.decoded_sha256, Sha256Hex(AsBytes(bundle.model)));
  EXPECT_FALSE(manifest->members[1].zstd);
  EXPECT_EQ(manifest->WithRole("golden"), &manifest->members[4]);
  EXPECT_EQ(manifest->WithRole("nothing"), nullptr);
}

TEST(ManifestTest, RolesAreCounted) {
  for (const std::string role : {"contract", "labels", "recipe"}) {
    TestBundle bundle;
    bundle.Remove(role);
    ExpectRefused(bundle.Manifest(),
                  "expected exactly one file with the role \"" + role + "\", got 0");
  }
  for (const std::string role :
       {"model", "network", "contract", "labels", "recipe", "golden", "certificate"}) {
    TestBundle bundle = WithNetwork();
    bundle.members.push_back(bundle.Member(role));
    bundle.members.back().name = "second";
    ExpectRefused(bundle.Manifest(), " with the role \"" + role + "\", got 2");
  }
  TestBundle bundle;
  bundle.Remove("golden");
  bundle.Remove("certificate");
  EXPECT_TRUE(ParseManifest(AsBytes(bundle.Manifest())));
}

TEST(ManifestTest, AModelOrANetworkOrBoth) {
  TestBundle bundle = WithNetwork();
  EXPECT_TRUE(ParseManifest(AsBytes(bundle.Manifest())));
  bundle.Remove("model");
  EXPECT_TRUE(ParseManifest(AsBytes(bundle.Manifest())));
  bundle.Member("network").content.clear();
  bundle.Member("network").decoded.clear();
  ExpectRefused(bundle.Manifest(), "size: expected a whole number from 1 to 67108864");
  bundle.Remove("network");
  ExpectRefused(bundle.Manifest(),
                "expected a file with the role \"model\" or one with the role \"network\", got "
                "neither");
}

TEST(ManifestTest, NamesOfFiles) {
  for (const std::string name : {"../x", "/x", "a//b", "X", "", "manifest.json", "manifest.sig"}) {
    TestBundle bundle;
    bundle.Member("labels").name = name;
    ExpectRefused(bundle.Manifest(), "files[2].name: expected a");
  }
  TestBundle bundle;
  bundle.Member("labels").name = "contract.json";
  ExpectRefused(bundle.Manifest(), "expected every name once, got a second \"contract.json\"");
}

TEST(ManifestTest, OnlyModelAndNetworkMayBeEncoded) {
  TestBundle bundle;
  bundle.Member("labels").decoded = "x";
  ExpectRefused(bundle.Manifest(), "files[2].encoding: expected nothing: only model and network");
  ExpectChangeRefused("\"zstd\"", "\"gzip\"", "files[0].encoding: expected \"zstd\", got \"gzip\"");
  ExpectChangeRefused("\"encoding\": \"zstd\",", "",
                      "files[0].decoded_size: expected nothing without");
}

TEST(ManifestTest, SizesAndDigests) {
  const auto with_size = [](const std::string& size) {
    const TestBundle bundle;
    return Replaced(bundle.Manifest(), "\"decoded_size\": " + std::to_string(bundle.model.size()),
                    "\"decoded_size\": " + size);
  };
  EXPECT_TRUE(ParseManifest(AsBytes(with_size("67108864"))));
  for (const std::string size : {"67108865", "0", "-1", "1.5", "18446744073709551615", "\"1\""}) {
    ExpectRefused(with_size(size),
                  "files[0].decoded_size: expected a whole number from 1 to 67108864");
  }
  ExpectChangeRefused("\"size\": ", "\"size\": 99999999", "files[0].size: expected a whole number");
  ExpectChangeRefused("\"sha256\": \"", "\"sha256\": \"F",
                      "files[0].sha256: expected a SHA-256 of 64");
  ExpectChangeRefused("\"decoded_sha256\": \"", "\"decoded_sha256\": \"0",
                      "files[0].decoded_sha256: expected");
}

TEST(ManifestTest, OtherFaults) {
  ExpectChangeRefused("demo-board", "demo board", "name: expected a name [A-Za-z0-9._-]{1,64}");
  ExpectChangeRefused("demo-board", "", "name: expected a name");
  ExpectChangeRefused("\"version\": \"1\"", "\"version\": \"\"", "version: expected a version");
  ExpectChangeRefused("\"version\": \"1\"", "\"version\": 1", "version: expected text, got 1");
  ExpectChangeRefused("\"version\": \"1\"", "\"version\": \"1\", \"notes\": \"\"",
                      "got the key \"notes\"");
  ExpectChangeRefused("\"version\": \"1\"", "\"version\": \"1\", \"version\": \"1\"",
                      "a second \"version\"");
  ExpectChangeRefused("\"schema\": 1", "\"schema\": 2", "a newer format");
  ExpectChangeRefused("\"role\": \"labels\"", "\"role\": \"notes\"",
                      "files[2].role: expected \"model\" or");
  ExpectRefused(R"({"schema": 1, "name": "a", "version": "1", "files": {}})",
                "files: expected an array of 4 to 512");
  ExpectRefused(std::string(100'000, '['), "nesting of at most 8");
}

}  // namespace
}  // namespace taktgate::bundle
