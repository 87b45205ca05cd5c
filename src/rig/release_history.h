#ifndef TAKTGATE_RIG_RELEASE_HISTORY_H_
#define TAKTGATE_RIG_RELEASE_HISTORY_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "rig/real_records.h"

namespace taktgate::rig {

// Which release a station had in force when, by the orders that it recorded: each run begins with
// the one of its station file.
//
// Threads: one.
class ReleaseHistory {
 public:
  ReleaseHistory(std::string first, const std::vector<OrderRecord>& orders);
  // The releases that a part can have: in force at its edge, or from then until the station must
  // have heard of it. No release twice.
  std::vector<std::string> Possible(std::uint32_t boot, TimePoint edge, TimePoint heard) const;

 private:
  struct InForce {
    std::string release;
    TimePoint until = TimePoint::max();  // then the next one
  };
  const std::string first_;
  std::map<std::uint32_t, std::vector<InForce>> of_boot_;
};

}  // namespace taktgate::rig

#endif  // TAKTGATE_RIG_RELEASE_HISTORY_H_
