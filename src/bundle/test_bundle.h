#ifndef TAKTGATE_BUNDLE_TEST_BUNDLE_H_
#define TAKTGATE_BUNDLE_TEST_BUNDLE_H_

// For tests only: makes bundles, right ones and wrong ones. The program never writes a bundle;
// prep/ does.

#include <gtest/gtest.h>
#include <zstd.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bundle/digest.h"
#include "image/decode.h"

namespace taktgate::bundle::testing {

inline std::span<const std::uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Puts `text` into a header at `offset`.
inline void Put(std::string& block, std::size_t offset, std::string_view text) {
  block.replace(offset, text.size(), text);
}

// The right checksum for what the header holds now.
inline void Seal(std::string& block) {
  Put(block, 148, "        ");
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  char text[8];
  std::snprintf(text, sizeof(text), "%06o", sum & 0777777U);
  Put(block, 148, std::string_view(text, 7));
}

inline std::string UstarHeader(std::string_view name, std::size_t size) {
  std::string block(512, '\0');
  Put(block, 0, name);
  Put(block, 100, "0000444");
  Put(block, 108, "0000000");
  Put(block, 116, "0000000");
  char text[13];
  std::snprintf(text, sizeof(text), "%011llo", static_cast<unsigned long long>(size));
  Put(block, 124, std::string_view(text, 11));
  Put(block, 136, "00000000000");
  Put(block, 156, "0");
  Put(block, 257,
      std::string_view("ustar\0"
                       "00",
                       8));
  Seal(block);
  return block;
}

inline std::string Padded(std::string content) {
  content.resize((content.size() + 511) / 512 * 512, '\0');
  return content;
}

using NamedFiles = std::vector<std::pair<std::string, std::string>>;

inline std::string Archive(const NamedFiles& files) {
  std::string archive;
  for (const auto& [name, content] : files) {
    archive += UstarHeader(name, content.size()) + Padded(content);
  }
  return archive + std::string(1024, '\0');
}

inline std::string ZstdOf(std::string_view content) {
  std::string packed(ZSTD_compressBound(content.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), content.data(), content.size(), 19));
  return packed;
}

inline std::string GoldenPng(int width, int height) {
  image::Image golden;
  golden.width = width;
  golden.height = height;
  golden.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  for (std::size_t i = 0; i < golden.pixels.size(); ++i) {
    golden.pixels[i] = static_cast<std::uint8_t>(i * 7 + i / 64 * 3);
  }
  const auto png = image::EncodePng(golden.View());
  EXPECT_TRUE(png);
  return {png->begin(), png->end()};
}

inline std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << "the text has no " << from;
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

inline constexpr std::string_view kContractJson =
    R"({"schema": 1,
 "input": {"name": "input", "width": 64, "height": 48, "channels": "grey", "golden": true,
  "resize": "area", "scale": [0.0078125, 0.0078125], "offset": [-1.0, -1]},
 "outputs": [{"name": "logits", "role": "logits"}]})";
inline constexpr std::string_view kLabelsJson =
    R"({"schema": 1, "labels": [{"name": "good", "pass": true}, {"name": "open", "pass": false}]})";
inline constexpr std::string_view kRecipeJson =
    R"({"schema": 1,
 "frame": {"width": 96, "height": 80},
 "golden": "golden.png",
 "windows": [{"name": "left", "x": 0, "y": 8, "w": 64, "h": 48},
  {"name": "right", "x": 32, "y": 32, "w": 64, "h": 48}],
 "alignment": {"method": "profiles", "max_shift": 16, "min_score": 0.6},
 "thresholds": {"pass_at_most": 0.25, "fail_at_least": 0.5}})";

// As JSON writes a text.
inline std::string InQuotes(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

struct TestMember {
  std::string name;
  std::string role;
  std::string content;  // as stored
  std::string decoded;  // of a zstd member
};

inline constexpr std::string_view kNetworkBytes = "not a network either, as far as bundle knows";

// A right bundle, until somebody changes it.
struct TestBundle {
  std::string model =
      "not a model, but the bundle room does not look inside: " + std::string(300, 'm');
  std::vector<TestMember> members = {{"model.onnx.zst", "model", ZstdOf(model), model},
                                     {"contract.json", "contract", std::string(kContractJson), {}},
                                     {"labels.json", "labels", std::string(kLabelsJson), {}},
                                     {"recipe.json", "recipe", std::string(kRecipeJson), {}},
                                     {"golden.png", "golden", GoldenPng(96, 80), {}},
                                     {"certificate.json", "certificate", R"({"schema": 1})", {}}};

  TestMember& Member(std::string_view role) {
    for (TestMember& member : members) {
      if (member.role == role) return member;
    }
    ADD_FAILURE() << "no member with the role " << role;
    return members.front();
  }

  void Remove(std::string_view role) {
    std::erase_if(members, [&](const TestMember& member) { return member.role == role; });
  }

  // Written by hand: a JSON library in this header would cost every test that includes it seconds.
  std::string Manifest() const {
    std::string text = R"({
 "schema": 1,
 "name": "demo-board",
 "version": "1",
 "files": [)";
    const auto field = [&](const char* key, const std::string& value) {
      text += std::string("   \"") + key + "\": " + value + ",\n";
    };
    for (const TestMember& member : members) {
      text += text.back() == '[' ? "\n  {\n" : ",\n  {\n";
      field("name", InQuotes(member.name));
      field("role", InQuotes(member.role));
      field("size", std::to_string(member.content.size()));
      field("sha256", InQuotes(Sha256Hex(AsBytes(member.content))));
      if (!member.decoded.empty()) {
        field("encoding", InQuotes("zstd"));
        field("decoded_size", std::to_string(member.decoded.size()));
        field("decoded_sha256", InQuotes(Sha256Hex(AsBytes(member.decoded))));
      }
      text.resize(text.size() - 2);
      text += "\n  }";
    }
    return text + "\n ]\n}";
  }

  NamedFiles Files() const {
    NamedFiles files = {{"manifest.json", Manifest()}};
    for (const TestMember& member : members) files.emplace_back(member.name, member.content);
    return files;
  }

  std::string Bytes() const { return Archive(Files()); }
};

// With a compiled network, too.
inline TestBundle WithNetwork() {
  TestBundle bundle;
  bundle.members.insert(
      bundle.members.begin() + 1,
      {"network.tgn.zst", "network", ZstdOf(kNetworkBytes), std::string(kNetworkBytes)});
  return bundle;
}

}  // namespace taktgate::bundle::testing

#endif  // TAKTGATE_BUNDLE_TEST_BUNDLE_H_
