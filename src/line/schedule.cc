#include "line/replay.h"

namespace taktgate::line {
namespace {

// SplitMix64 (Steele, Lea and Flood, 2014): a well-mixed number from (seed, part) alone.
std::uint64_t Mix(std::uint64_t seed, std::uint64_t part) {
  std::uint64_t z = seed + (part + 1) * 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

}  // namespace

TimePoint Schedule::EdgeAt(TimePoint start, std::uint64_t part) const {
  return start + period * static_cast<Duration::rep>(part);
}

TimePoint Schedule::FrameAt(TimePoint start, std::uint64_t part) const {
  const auto span = static_cast<std::uint64_t>(acquisition_jitter.count()) + 1;
  const auto jitter = Duration(static_cast<Duration::rep>(Mix(seed, part) % span));
  return EdgeAt(start, part) + acquisition_delay + jitter;
}

}  // namespace taktgate::line
