// A bundle, byte by byte. After a wrong digest nothing is read, so most inputs are bundles
// whose manifest is right about a member that was changed.
#include <algorithm>
#include <optional>
#include <vector>

#include "bundle/digest.h"
#include "bundle/json.h"
#include "bundle/manifest.h"
#include "bundle/names.h"
#include "bundle/read_bundle.h"
#include "bundle/tar.h"
#include "bundle/test_bundle.h"
#include "fuzz_target.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace taktgate::fuzz {
namespace {

using bundle::testing::NamedFiles;

std::optional<NamedFiles> FilesOf(Bytes bytes) {
  const auto entries = bundle::ReadTar(bytes);
  if (!entries) return std::nullopt;
  NamedFiles files;
  for (const bundle::TarEntry& entry : *entries) {
    files.emplace_back(entry.name, TextOf(entry.content));
  }
  return files;
}

void Mutate(std::string& content) {
  std::vector<std::uint8_t> buffer(content.begin(), content.end());
  buffer.resize(content.size() + 64);
  buffer.resize(LLVMFuzzerMutate(buffer.data(), content.size(), buffer.size()));
  content.assign(buffer.begin(), buffer.end());
}

// Size and digest of every member, as the manifest must have them.
void Seal(NamedFiles& files) {
  std::string& text = files[0].second;
  bundle::Json manifest = bundle::Json::parse(text, nullptr, false);
  if (!manifest.is_object() || !manifest.contains("files") || !manifest["files"].is_array()) return;
  for (bundle::Json& member : manifest["files"]) {
    if (!member.is_object()) continue;
    const auto file = std::find_if(files.begin(), files.end(), [&](const auto& one) {
      return member.contains("name") && member["name"] == one.first;
    });
    if (file == files.end()) continue;
    member["size"] = file->second.size();
    member["sha256"] = bundle::Sha256Hex(bundle::testing::AsBytes(file->second));
  }
  text = manifest.dump(-1, ' ', false, bundle::Json::error_handler_t::replace);
}

void CheckBundle(Bytes bytes) {
  const auto release = bundle::ReadBundle(bytes);
  if (!release) return ExpectForAPerson(release.error());
  Expect(bundle::IsSha256(release->id), "a release has an id");
  Expect(!release->labels.empty(), "a release has labels");
  Expect(!release->model.empty() || !release->network.empty(),
         "a release has what an engine takes");
  Expect(release->golden.has_value() == !release->recipe.golden_member.empty(),
         "the golden image that a recipe names is there");
}

}  // namespace
}  // namespace taktgate::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  auto files = taktgate::fuzz::FilesOf({data, size});
  if (!files || files->empty() || seed % 8 == 0) return LLVMFuzzerMutate(data, size, most);
  taktgate::fuzz::Mutate((*files)[seed / 8 % files->size()].second);
  taktgate::fuzz::Seal(*files);
  const std::string bundle = taktgate::bundle::testing::Archive(*files);
  if (bundle.size() > most) return LLVMFuzzerMutate(data, size, most);
  std::copy(bundle.begin(), bundle.end(), data);
  return bundle.size();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  taktgate::fuzz::CheckBundle({data, size});
  return 0;
}
