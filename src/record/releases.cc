#include "record/releases.h"

#include <utility>

namespace taktgate::record {

Result<std::uint32_t> Releases::Add(const bundle::Release& release, const std::string& engine) {
  const std::uint32_t size = size_.load(std::memory_order_relaxed);
  for (std::uint32_t number = 1; number <= size; ++number) {
    if (known_[number - 1]->id == release.id) return number;
  }
  if (size == kMost) {
    return Error{ErrorCode::kWrongState, "this process has had " + std::to_string(kMost) +
                                             " releases in force and can name no further one; "
                                             "restart the station"};
  }
  KnownRelease known{
      release.id, release.name, release.version, engine, {}, {}, release.contract.extra_outputs};
  for (const auto& label : release.labels) known.labels.push_back(label.name);
  for (const auto& window : release.recipe.windows) known.windows.push_back(window.name);
  known_[size] = std::make_unique<const KnownRelease>(std::move(known));
  size_.store(size + 1, std::memory_order_release);
  return size + 1;
}

const KnownRelease* Releases::Find(std::uint32_t number) const {
  return number == 0 || number > size() ? nullptr : known_[number - 1].get();
}

}  // namespace taktgate::record
