#include "rig/release_swapper.h"

#include <chrono>

#include "rig/release_order.h"

namespace taktgate::rig {
namespace {

constexpr int kMostRefusals = 20;
constexpr auto kAfterRefusal = std::chrono::milliseconds(200);

}  // namespace

Status ReleaseSwapper::Run(TimePoint first_edge) {
  const RealLineOptions& options = prepared_.options();
  const Duration length = prepared_.schedule().period * static_cast<Duration::rep>(options.parts);
  for (std::uint32_t k = 1; k <= options.swaps; ++k) {
    const TimePoint due = first_edge + length / (options.swaps + 1) * k;
    const TimePoint now = std::chrono::steady_clock::now();
    if (Status napped = station_.NapBeside(due - now); !napped) return napped;
    if (Status swapped = SwapOnce(); !swapped) return swapped;
  }
  return {};
}

Status ReleaseSwapper::SwapOnce() {
  for (int refusals = 0; refusals < kMostRefusals; ++refusals) {
    if (Status ready = station_.AwaitReady(); !ready) return ready;
    if (Order()) return {};
    if (Status napped = station_.NapBeside(kAfterRefusal); !napped) return napped;
  }
  return Error{ErrorCode::kInvalid, "expected the station to change its release, got " +
                                        std::to_string(kMostRefusals) +
                                        " refusals in a row: " + refusal_};
}

// A station that was started again has its first release.
bool ReleaseSwapper::Order() {
  if (starts_ != station_.tally().starts) in_force_ = 0;
  starts_ = station_.tally().starts;
  const std::size_t next = 1 - in_force_;
  SwapTruth order;
  order.release = prepared_.releases()[next].id;
  order.asked = std::chrono::steady_clock::now();
  const auto cut_off = OrderRelease(prepared_.state(), prepared_.BundleOf(next));
  order.answered = std::chrono::steady_clock::now();
  order.taken = static_cast<bool>(cut_off);
  if (cut_off) {
    order.cut_off = *cut_off;
    in_force_ = next;
  } else {
    refusal_ = cut_off.error().message;
  }
  orders_.push_back(order);
  return order.taken;
}

}  // namespace taktgate::rig
