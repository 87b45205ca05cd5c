#include "bundle/read_bundle.h"

#include <string>
#include <utility>

#include "base/file.h"
#include "base/utf8.h"
#include "bundle/contract_json.h"
#include "bundle/digest.h"
#include "bundle/json.h"
#include "bundle/labels.h"
#include "bundle/manifest.h"
#include "bundle/recipe.h"
#include "bundle/tar.h"
#include "bundle/zstd.h"
#include "image/decode.h"

namespace taktgate::bundle {
namespace {

constexpr std::size_t kMaxManifestBytes = 1U << 20;
constexpr std::size_t kMaxSignatureBytes = 16U << 10;

using Bytes = std::span<const std::uint8_t>;

// The archive's entries, with the roles that their order gives them.
struct Parts {
  Bytes manifest;
  bool has_signature = false;
  std::vector<TarEntry> payload;
};

Result<Parts> Arrange(Bytes bytes) {
  Result<std::vector<TarEntry>> entries = ReadTar(bytes);
  if (!entries) return entries.error();
  if (entries->empty() || entries->front().name != kManifestName) {
    return Invalid("expected manifest.json as the first entry, got " +
                   (entries->empty() ? "nothing" : Quoted(entries->front().name)));
  }
  Parts parts;
  parts.manifest = entries->front().content;
  if (parts.manifest.size() > kMaxManifestBytes) {
    return Invalid("manifest.json: expected at most " + std::to_string(kMaxManifestBytes) +
                   " bytes, got " + std::to_string(parts.manifest.size()));
  }
  parts.has_signature = entries->size() > 1 && (*entries)[1].name == kSignatureName;
  if (parts.has_signature && (*entries)[1].content.size() > kMaxSignatureBytes) {
    return Invalid("manifest.sig: expected at most " + std::to_string(kMaxSignatureBytes) +
                   " bytes, got " + std::to_string((*entries)[1].content.size()));
  }
  parts.payload.assign(entries->begin() + (parts.has_signature ? 2 : 1), entries->end());
  return parts;
}

// Entry by entry what the manifest pins, in its order: nothing more, nothing less.
Status CheckPayload(const Manifest& manifest, const std::vector<TarEntry>& payload) {
  for (std::size_t i = 0; i < manifest.members.size(); ++i) {
    const Member& member = manifest.members[i];
    if (i >= payload.size()) {
      return Error{ErrorCode::kCorrupt, "expected " + Quoted(member.name) +
                                            " as the manifest lists it, got the end of the "
                                            "bundle"};
    }
    const TarEntry& entry = payload[i];
    if (entry.name != member.name) {
      return Invalid("expected " + Quoted(member.name) + " as the manifest lists it, got " +
                     Quoted(entry.name));
    }
    if (entry.content.size() != member.size) {
      return Error{ErrorCode::kCorrupt, member.name + ": expected " + std::to_string(member.size) +
                                            " bytes as the manifest says, got " +
                                            std::to_string(entry.content.size())};
    }
    if (const std::string digest = Sha256Hex(entry.content); digest != member.sha256) {
      return Error{ErrorCode::kCorrupt, member.name + ": expected the SHA-256 " + member.sha256 +
                                            " of the manifest, got " + digest};
    }
  }
  if (payload.size() > manifest.members.size()) {
    return Invalid("expected only files that the manifest lists, got " +
                   Quoted(payload[manifest.members.size()].name));
  }
  return {};
}

// What an engine takes.
Result<std::vector<std::uint8_t>> DecodeForEngine(const Member& member, Bytes content) {
  if (!member.zstd) return std::vector<std::uint8_t>(content.begin(), content.end());
  auto decoded = DecodeZstd(content, static_cast<std::size_t>(member.decoded_size));
  if (!decoded) return decoded.error().Within(member.name);
  if (const std::string digest = Sha256Hex(*decoded); digest != member.decoded_sha256) {
    return Error{ErrorCode::kCorrupt, member.name + ": expected the decoded SHA-256 " +
                                          member.decoded_sha256 + " of the manifest, got " +
                                          digest};
  }
  return decoded;
}

Result<std::string> ReadCertificate(Bytes content, const std::string& file) {
  Result<Json> document = ParseJson(content, file);
  if (!document) return document.error();
  if (Status schema = CheckSchema(*document, file); !schema) return schema.error();
  return std::string(content.begin(), content.end());
}

// These bytes are what their author packed, so a bad image is his to mend.
Result<image::Image> DecodeGolden(Bytes content, const std::string& file) {
  Result<image::Image> golden = image::Decode(content);
  if (!golden) return Invalid(file + ": " + golden.error().message);
  return golden;
}

// Verified bytes into the types of a release, member by member.
Status DecodeMember(const Member& member, Bytes content, Release& release) {
  const auto store = [](auto result, auto& target) -> Status {
    if (!result) return result.error();
    target = std::move(*result);
    return {};
  };
  if (member.role == "model") return store(DecodeForEngine(member, content), release.model);
  if (member.role == "network") return store(DecodeForEngine(member, content), release.network);
  if (member.role == "contract")
    return store(ParseContract(content, member.name), release.contract);
  if (member.role == "labels") return store(ParseLabels(content, member.name), release.labels);
  if (member.role == "recipe") return store(ParseRecipe(content, member.name), release.recipe);
  if (member.role == "certificate") {
    return store(ReadCertificate(content, member.name), release.certificate);
  }
  return store(DecodeGolden(content, member.name), release.golden);
}

// What must hold between the golden image and the recipe.
Status CheckGolden(const Manifest& manifest, const Release& release) {
  const Recipe& recipe = release.recipe;
  const std::string field = manifest.WithRole("recipe")->name + ": golden: ";
  const Member* member = manifest.WithRole("golden");
  if (member == nullptr) {
    if (recipe.golden_member.empty()) return {};
    return Invalid(field +
                   "expected a file of the bundle with the role \"golden\", "
                   "got " +
                   Quoted(recipe.golden_member) + ", which is not there");
  }
  if (recipe.golden_member != member->name) {
    return Invalid(field + "expected " + Quoted(member->name) + " as the manifest lists it, got " +
                   (recipe.golden_member.empty() ? "null" : Quoted(recipe.golden_member)));
  }
  const auto size = [](int width, int height) {
    return std::to_string(width) + " x " + std::to_string(height) + " px";
  };
  const image::Image& golden = *release.golden;
  if (recipe.frame &&
      (golden.width != recipe.frame->width || golden.height != recipe.frame->height)) {
    return Invalid(member->name + ": expected the size of the recipe's frame, " +
                   size(recipe.frame->width, recipe.frame->height) + ", got " +
                   size(golden.width, golden.height));
  }
  for (const Window& window : recipe.windows) {
    if (window.rect.x + window.rect.w <= golden.width &&
        window.rect.y + window.rect.h <= golden.height) {
      continue;
    }
    return Invalid(member->name + ": expected a golden image that holds the window " +
                   Quoted(window.name) + ", got one of " + size(golden.width, golden.height));
  }
  return {};
}

Result<Release> Read(Bytes bytes) {
  Result<Parts> parts = Arrange(bytes);
  if (!parts) return parts.error();
  Result<Manifest> manifest = ParseManifest(parts->manifest);
  if (!manifest) return manifest.error();
  if (Status payload = CheckPayload(*manifest, parts->payload); !payload) return payload.error();

  Release release;
  release.id = Sha256Hex(parts->manifest);
  release.has_signature = parts->has_signature;
  for (std::size_t i = 0; i < manifest->members.size(); ++i) {
    Status decoded = DecodeMember(manifest->members[i], parts->payload[i].content, release);
    if (!decoded) return decoded.error();
  }
  if (Status golden = CheckGolden(*manifest, release); !golden) return golden.error();
  release.name = std::move(manifest->name);
  release.version = std::move(manifest->version);
  release.members = std::move(manifest->members);
  return release;
}

// What the person with the file in hand can do.
Error WithAdvice(Error error) {
  switch (error.code) {
    case ErrorCode::kCorrupt:
      error.message += "; copy the bundle again from its source";
      break;
    case ErrorCode::kInvalid:
      error.message += "; make the bundle again with `taktgate-prep pack`";
      break;
    case ErrorCode::kUnsupported:
      error.message += "; install a newer taktgate, or make the bundle for this one";
      break;
    default:
      break;
  }
  return error;
}

}  // namespace

Result<Release> ReadBundle(std::span<const std::uint8_t> bytes) {
  Result<Release> release = Read(bytes);
  if (!release) return WithAdvice(release.error());
  return release;
}

Result<Release> ReadBundleFile(const std::filesystem::path& path) {
  const Result<std::vector<std::uint8_t>> bytes = ReadFile(path, kMaxBundleBytes);
  if (!bytes) return bytes.error().Within("read bundle");
  return ReadBundle(*bytes).Within(path.string());
}

}  // namespace taktgate::bundle
