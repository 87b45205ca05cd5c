#include "rig/release_history.h"

#include <algorithm>
#include <utility>

namespace taktgate::rig {

ReleaseHistory::ReleaseHistory(std::string first, const std::vector<OrderRecord>& orders)
    : first_(std::move(first)) {
  for (const OrderRecord& order : orders) {
    auto& changes = of_boot_[order.boot];
    if (changes.empty()) changes.push_back({first_});
    if (order.order != "release") continue;
    changes.back().until = order.at;
    changes.push_back({order.release});
  }
}

std::vector<std::string> ReleaseHistory::Possible(std::uint32_t boot, TimePoint edge,
                                                  TimePoint heard) const {
  const auto found = of_boot_.find(boot);
  if (found == of_boot_.end()) return {first_};
  const auto& changes = found->second;
  auto change = std::lower_bound(changes.begin(), changes.end(), edge,
                                 [](const InForce& one, TimePoint at) { return one.until < at; });
  std::vector<std::string> possible;
  for (bool more = true; more && change != changes.end(); ++change) {
    if (std::find(possible.begin(), possible.end(), change->release) == possible.end()) {
      possible.push_back(change->release);
    }
    more = change->until <= heard;
  }
  return possible;
}

}  // namespace taktgate::rig
