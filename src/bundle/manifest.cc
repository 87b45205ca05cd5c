#include "bundle/manifest.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/utf8.h"
#include "bundle/fields.h"
#include "bundle/names.h"
#include "bundle/tar.h"

namespace taktgate::bundle {
namespace {

// At least one of the first two must be there, and the next three exactly once.
constexpr std::array<std::string_view, 7> kMemberRoles = {
    "model", "network", "contract", "labels", "recipe", "golden", "certificate"};

bool IsForAnEngine(std::string_view role) { return role == "model" || role == "network"; }
bool IsNeeded(std::string_view role) {
  return role == "contract" || role == "labels" || role == "recipe";
}

std::string Digest(Fields& fields, std::string_view key) {
  std::string digest = fields.Text(key);
  if (!IsSha256(digest)) {
    fields.Fail(key, "a SHA-256 of 64 lower-case hex digits", Quoted(digest));
  }
  return digest;
}

void ParseEncoding(Fields& fields, Member& member) {
  if (!fields.Has("encoding")) {
    for (const std::string_view key : {"decoded_size", "decoded_sha256"}) {
      if (fields.Has(key)) fields.Fail(key, "nothing without an encoding", "a value");
    }
    return;
  }
  if (!IsForAnEngine(member.role)) {
    fields.Fail("encoding", "nothing: only model and network may be encoded", "a value");
  }
  fields.Choice("encoding", {"zstd"});
  member.zstd = true;
  member.decoded_size = static_cast<std::uint64_t>(
      fields.Whole("decoded_size", 1, static_cast<std::int64_t>(kMaxFileBytes)));
  member.decoded_sha256 = Digest(fields, "decoded_sha256");
}

Member ParseMember(const Json& value, const std::string& path, std::optional<Error>& fault) {
  Fields fields(value, std::string(kManifestName), path,
                {"name", "role", "size", "sha256", "encoding", "decoded_size", "decoded_sha256"},
                fault);
  Member member;
  member.name = fields.Text("name");
  if (!IsMemberName(member.name)) {
    fields.Fail("name", "a name [a-z0-9_./-]{1,96}, relative, without `.`, `..` or empty parts",
                Quoted(member.name));
  }
  if (member.name == kManifestName || member.name == kSignatureName) {
    fields.Fail("name", "a payload file", Quoted(member.name) + ", which is not one");
  }
  member.role = kMemberRoles[fields.Choice("role", kMemberRoles)];
  const std::int64_t least = IsForAnEngine(member.role) ? 1 : 0;
  member.size = static_cast<std::uint64_t>(
      fields.Whole("size", least, static_cast<std::int64_t>(kMaxFileBytes)));
  member.sha256 = Digest(fields, "sha256");
  ParseEncoding(fields, member);
  return member;
}

Status CheckMembers(const std::vector<Member>& members) {
  const auto refuse = [](const std::string& what) {
    return Error{ErrorCode::kInvalid, std::string(kManifestName) + ": files: " + what};
  };
  std::set<std::string_view> names;
  for (const Member& member : members) {
    if (!names.insert(member.name).second) {
      return refuse("expected every name once, got a second " + Quoted(member.name));
    }
  }
  std::ptrdiff_t for_engines = 0;
  for (const std::string_view role : kMemberRoles) {
    const bool needed = IsNeeded(role);
    const auto count = std::count_if(members.begin(), members.end(),
                                     [&](const Member& member) { return member.role == role; });
    if (IsForAnEngine(role)) for_engines += count;
    if (count == 1 || (count == 0 && !needed)) continue;
    return refuse(std::string(needed ? "expected exactly one file" : "expected at most one file") +
                  " with the role " + Quoted(role) + ", got " + std::to_string(count));
  }
  if (for_engines == 0) {
    return refuse(
        "expected a file with the role \"model\" or one with the role \"network\", got neither");
  }
  return {};
}

}  // namespace

const Member* Manifest::WithRole(std::string_view role) const {
  for (const Member& member : members) {
    if (member.role == role) return &member;
  }
  return nullptr;
}

Result<Manifest> ParseManifest(std::span<const std::uint8_t> bytes) {
  const std::string file(kManifestName);
  Result<Json> document = ParseJson(bytes, file);
  if (!document) return document.error();
  if (Status schema = CheckSchema(*document, file); !schema) return schema.error();

  std::optional<Error> fault;
  Fields fields(*document, file, "", {"schema", "name", "version", "files"}, fault);
  Manifest manifest;
  manifest.name = fields.Text("name");
  manifest.version = fields.Text("version");
  if (!IsWord(manifest.name, "._-", 64)) {
    fields.Fail("name", "a name [A-Za-z0-9._-]{1,64}", Quoted(manifest.name));
  }
  if (!IsWord(manifest.version, "._-", 64)) {
    fields.Fail("version", "a version [A-Za-z0-9._-]{1,64}", Quoted(manifest.version));
  }
  for (const Json& entry : fields.Array("files", 4, kMaxFiles)) {
    const std::string path = "files[" + std::to_string(manifest.members.size()) + "]";
    manifest.members.push_back(ParseMember(entry, path, fault));
    if (fault) return *fault;
  }
  if (fault) return *fault;
  if (Status members = CheckMembers(manifest.members); !members) return members.error();
  return manifest;
}

}  // namespace taktgate::bundle
