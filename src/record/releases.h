#ifndef TAKTGATE_RECORD_RELEASES_H_
#define TAKTGATE_RECORD_RELEASES_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "bundle/release.h"

namespace taktgate::record {

// What a record needs to know of a release.
struct KnownRelease {
  std::string id;  // 64 hex digits
  std::string name;
  std::string version;
  std::string engine{};  // that it runs on, with its kernels: "taktgate/avx2"
  std::vector<std::string> labels;
  std::vector<std::string> windows;
  std::vector<bundle::ExtraOutput> extra_outputs{};

  std::string short_id() const { return id.substr(0, 12); }
  // "name version (id)", as people are told of it.
  std::string InWords() const { return name + " " + version + " (" + short_id() + ")"; }
};

// The releases that a process has had in force, by the number that the gate gives its parts. A
// number stays that release's as long as the process lives, so whatever comes late about a part
// still names the release of that part.
//
// Threads: Add from one; Find and size from any, without a lock.
class Releases {
 public:
  static constexpr std::uint32_t kMost = 64;

  // From 1; the same release (id) keeps its number. `engine`: the name of its classifier.
  // wrong_state: there are kMost already.
  Result<std::uint32_t> Add(const bundle::Release& release, const std::string& engine);
  // nullptr: no release has this number.
  const KnownRelease* Find(std::uint32_t number) const;
  // The last number that was given; 0: none.
  std::uint32_t size() const { return size_.load(std::memory_order_acquire); }

 private:
  std::array<std::unique_ptr<const KnownRelease>, kMost> known_;
  std::atomic<std::uint32_t> size_{0};  // what is before is never changed again
};

}  // namespace taktgate::record

#endif  // TAKTGATE_RECORD_RELEASES_H_
