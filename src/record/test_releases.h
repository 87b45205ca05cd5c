#ifndef TAKTGATE_RECORD_TEST_RELEASES_H_
#define TAKTGATE_RECORD_TEST_RELEASES_H_

#include <string>

#include "bundle/test_release.h"
#include "record/releases.h"

namespace taktgate::record::testing {

// bundle::testing::SmallRelease, with an id of this letter.
inline bundle::Release SmallReleaseOf(char letter) {
  bundle::Release release = bundle::testing::SmallRelease();
  release.id = std::string(64, letter);
  release.version = std::string("of ") + letter;
  return release;
}

// Number 1 is the small release ("aaa..."), number 2 another one ("bbb...").
inline const Releases& SmallReleases() {
  static const Releases& made = *[] {
    auto* releases = new Releases;
    (void)releases->Add(bundle::testing::SmallRelease(), "taktgate/avx2");
    (void)releases->Add(SmallReleaseOf('b'), "onnxruntime");
    return releases;
  }();
  return made;
}

}  // namespace taktgate::record::testing

#endif  // TAKTGATE_RECORD_TEST_RELEASES_H_
