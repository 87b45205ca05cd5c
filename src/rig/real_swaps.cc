// What the referee says about releases and the orders that change them.
#include <algorithm>

#include "rig/real_referee.h"

namespace taktgate::rig {

void RealReferee::AssignReleases() {
  for (Seen& seen : seen_) {
    if (seen.record == nullptr) continue;
    const auto named = [&](const ReleaseTruth& one) { return one.id == seen.record->release; };
    const auto found = std::find_if(truth_.releases.begin(), truth_.releases.end(), named);
    // One that is none of the line's is found as wrong later.
    if (found == truth_.releases.end()) continue;
    seen.release = static_cast<std::size_t>(found - truth_.releases.begin());
  }
}

// The order that was on its way or answered at that time.
std::optional<std::size_t> RealReferee::SwapAt(TimePoint time) const {
  const auto& swaps = truth_.swaps;
  const auto found =
      std::lower_bound(swaps.begin(), swaps.end(), time,
                       [](const SwapTruth& one, TimePoint at) { return one.answered < at; });
  if (found == swaps.end() || found->asked > time) return std::nullopt;
  return static_cast<std::size_t>(found - swaps.begin());
}

// The orders in the records are those that were given, when they were given.
void RealReferee::CheckOrders(const RecordedLine& records) {
  const auto blame = [this](const std::string& what) {
    Blame(sim::Invariant::kRightCommand, truth_.parts(), what);
  };
  std::vector<int> recorded(truth_.swaps.size());
  for (const OrderRecord& order : records.orders) {
    const auto swap = SwapAt(order.at);
    if (!swap || order.order != "release" || truth_.swaps[*swap].release != order.release) {
      blame("the order " + order.order + " to " + order.release + " was never given");
    } else {
      ++recorded[*swap];
    }
  }
  for (std::size_t k = 0; k < recorded.size(); ++k) {
    const SwapTruth& swap = truth_.swaps[k];
    ++(swap.taken ? tallies_.swaps : tallies_.refused_swaps);
    tallies_.cut_off += swap.cut_off;
    if (recorded[k] > 1) blame("the change to " + swap.release + " is recorded twice");
    if (swap.taken && recorded[k] == 0) {
      blame("the change to " + swap.release + " was answered, and is not recorded");
    }
  }
}

void RealReferee::CheckReleases(const ReleaseHistory& history) {
  for (std::uint64_t part = 0; part < seen_.size(); ++part) {
    const PartRecord* record = seen_[part].record;
    if (record == nullptr) continue;
    const TimePoint edge = record->trigger_at;
    const TimePoint heard = record->recovered ? TimePoint::max() : edge + record->decided;
    const auto possible = history.Possible(record->boot, edge, heard);
    if (std::find(possible.begin(), possible.end(), record->release) != possible.end()) {
      tallies_.sure_releases += possible.size() == 1 ? 1 : 0;
      continue;
    }
    ++tallies_.wrong_releases;
    Blame(sim::Invariant::kRightCommand, part,
          "expected release " + possible[0] + (possible.size() > 1 ? " or " + possible[1] : "") +
              ", got " + record->release);
  }
}

// It was in flight when an order that cut parts off was obeyed.
bool RealReferee::WasCutOff(const PartRecord& record) const {
  const auto swap = SwapAt(record.trigger_at + record.decided);
  return swap && truth_.swaps[*swap].taken && truth_.swaps[*swap].cut_off > 0;
}

// No swap may cost more parts than its answer says.
void RealReferee::CheckCutOff() {
  std::vector<std::uint64_t> cut_off(truth_.swaps.size());
  for (std::uint64_t part = 0; part < seen_.size(); ++part) {
    const PartRecord* record = seen_[part].record;
    if (record == nullptr || record->reason != "offline" || !WasCutOff(*record)) continue;
    const std::size_t swap = *SwapAt(record->trigger_at + record->decided);
    ++tallies_.cut_off_records;
    if (++cut_off[swap] != truth_.swaps[swap].cut_off + 1) continue;
    Blame(sim::Invariant::kRightCommand, part,
          "expected " + std::to_string(truth_.swaps[swap].cut_off) +
              " parts to be cut off by a swap, got more");
  }
}

}  // namespace taktgate::rig
