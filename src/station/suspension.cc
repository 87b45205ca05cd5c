#include "station/suspension.h"

#include <algorithm>
#include <chrono>

namespace taktgate::station {
namespace {

// Each look may be too short by an interruption, not all of them.
constexpr int kLooksAtStart = 100;
// More than the two clocks that show it can differ by chance.
constexpr auto kSuspension = std::chrono::milliseconds(1);

}  // namespace

void Suspension::Begin() {
  for (int look = 0; look < kLooksAtStart; ++look) {
    known_ = std::max(known_, clock_.SuspendedFor());
  }
}

bool Suspension::Since() const { return clock_.SuspendedFor() > known_ + kSuspension; }

bool Suspension::Look() {
  if (!Since()) return false;
  known_ = std::max(known_, clock_.SuspendedFor());
  return true;
}

}  // namespace taktgate::station
