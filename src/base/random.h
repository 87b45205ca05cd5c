#ifndef TAKTGATE_BASE_RANDOM_H_
#define TAKTGATE_BASE_RANDOM_H_

#include <cstdint>

namespace taktgate {

// SplitMix64 (Steele, Lea and Flood, 2014). Not the standard library's distributions: they differ
// from one library to the next, and the same seed must give the same boards everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  // A stream of its own for (seed, stream), whatever was drawn from others.
  static Random Of(std::uint64_t seed, std::uint64_t stream) {
    Random mixed(seed ^ 0x5851f42d4c957f2dU);
    return Random(mixed.Next() + stream * 0xd1342543de82ef95U);
  }

  std::uint64_t Next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }
  // Uniform in [0, 1).
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
  // Uniform in [low, high).
  double Between(double low, double high) { return low + (high - low) * Unit(); }
  // Uniform in [low, high], whole.
  int Whole(int low, int high) {
    return low + static_cast<int>(Next() % static_cast<std::uint64_t>(high - low + 1));
  }

 private:
  std::uint64_t state_;
};

}  // namespace taktgate

#endif  // TAKTGATE_BASE_RANDOM_H_
