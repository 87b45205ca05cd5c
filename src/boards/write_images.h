#ifndef TAKTGATE_BOARDS_WRITE_IMAGES_H_
#define TAKTGATE_BOARDS_WRITE_IMAGES_H_

#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/result.h"
#include "boards/board.h"

namespace taktgate::boards {

struct WriteSettings {
  BoardSettings boards;
  std::uint64_t parts = 1000;
  // Also windows.tsv: the samples that a model for the recipe's four windows is trained on.
  bool windows = false;
  // Shares of the parts that go to val and test, the rest to train. 0: the column stays empty.
  double val_share = 0;
  double test_share = 0;
};

// Writes golden.png, images/NNNNN.png and parts.tsv (a sample list of whole frames) into `folder`,
// and windows.tsv where wanted. `progress` is called after each part. The folder may exist but
// must hold no list yet: io, invalid.
//
// Samples are cut where the board is, within one px, as the alignment on the device will find it:
// every window that sees a good part of the defect, and one good window of each part.
Status WriteImages(const std::filesystem::path& folder, const WriteSettings& settings,
                   const std::function<void(std::uint64_t)>& progress);

}  // namespace taktgate::boards

#endif  // TAKTGATE_BOARDS_WRITE_IMAGES_H_
