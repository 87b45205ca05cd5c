#ifndef TAKTGATE_RIG_RELEASE_SWAPPER_H_
#define TAKTGATE_RIG_RELEASE_SWAPPER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "rig/prepared_line.h"
#include "rig/real_referee.h"
#include "rig/station_process.h"

namespace taktgate::rig {

// Changes the release of a running station again and again, to and fro between the two of a
// prepared line, and notes each order. One that is refused is given again.
//
// Threads: one.
class ReleaseSwapper {
 public:
  // Both outlive it.
  ReleaseSwapper(const PreparedLine& prepared, StationProcess& station)
      : prepared_(prepared), station_(station) {}

  // As many as the options say, at equal distances over the parts they say; later where the station
  // takes longer. invalid: it refuses too many in a row.
  Status Run(TimePoint first_edge);
  // In the order of their time.
  const std::vector<SwapTruth>& orders() const { return orders_; }
  // Why the last one of those that were refused was.
  const std::string& refusal() const { return refusal_; }

 private:
  Status SwapOnce();
  bool Order();

  const PreparedLine& prepared_;
  StationProcess& station_;
  std::uint64_t starts_ = 0;  // of the station, when it was last asked
  std::size_t in_force_ = 0;  // of the prepared line's releases
  std::vector<SwapTruth> orders_;
  std::string refusal_;
};

}  // namespace taktgate::rig

#endif  // TAKTGATE_RIG_RELEASE_SWAPPER_H_
