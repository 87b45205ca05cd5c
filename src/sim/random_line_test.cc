// Every geometry against stalls of every length: no part may pass that was not proven good.
#include "sim/random_line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/test_form.h"
#include "sim/soft_line.h"

namespace taktgate::sim {
namespace {

MakeGate Sound() {
  return [](const gate::GateSettings& settings, gate::GateOutputs& outputs) {
    return std::make_unique<gate::Gate>(settings, outputs);
  };
}

constexpr int kEnough = 5;  // broken lines to report

// A sanitizer looks at memory, not at geometries.
std::uint64_t Lines() {
#ifdef TAKTGATE_SANITIZED
  return 100;
#else
  return testing::Form("lines drawn at random", 1'000, 10'000);
#endif
}

TEST(RandomLine, IsSoundAndTheSameForTheSameSeed) {
  std::array<int, 3> modes{};
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    const SoftSettings line = DrawLine(seed, 100);
    const Status sound = CheckSoftSettings(line);
    ASSERT_TRUE(sound) << "seed " << seed << ": " << sound.error().message;
    EXPECT_EQ(line.gate.belt.distance, DrawLine(seed, 100).gate.belt.distance);
    ++modes[static_cast<std::size_t>(line.gate.belt.mode)];
  }
  for (const int lines : modes) EXPECT_GT(lines, 300);
}

TEST(RandomLine, StallsOfEveryLengthOnEveryGeometryLetNothingPass) {
  const std::uint64_t lines = Lines();
  std::uint64_t parts = 0, released = 0, looked_at = 0, stalls = 0;
  std::array<std::uint64_t, 3> released_by_mode{};
  int broken = 0;
  // Those of the long form that once found something are in every form.
  std::vector<std::uint64_t> seeds = {9'573};
  for (std::uint64_t seed = 1; seed <= lines; ++seed) seeds.push_back(seed);
  for (const std::uint64_t seed : seeds) {
    const SoftSettings settings = DrawLine(seed, 1'000);
    std::vector<Fault> faults = DrawStalls(seed, settings);
    for (const Fault& fault : faults) {
      if (fault.again == Duration(0)) continue;  // of single parts
      const auto length = Duration(static_cast<Duration::rep>(
          1e9 * static_cast<double>(settings.parts) / settings.parts_per_second));
      stalls += static_cast<std::uint64_t>((length - fault.at) / fault.again) + 1;
    }
    SoftLine line(settings, std::move(faults), Sound());
    line.Run();
    const Referee& referee = line.referee();
    if (referee.findings().total() != 0) {
      ADD_FAILURE() << "seed " << seed << ": " << referee.findings().words();
      if (++broken == kEnough) return;
    }
    parts += line.tallies().parts;
    released += referee.tallies().released;
    looked_at += line.tallies().passes_looked_at;
    released_by_mode[static_cast<std::size_t>(settings.gate.belt.mode)] +=
        referee.tallies().released;
  }
  if (broken != 0) return;
  std::printf(
      "%llu lines, %llu parts, about %llu stalls, %llu released (%llu at the camera, %llu by time, "
      "%llu by count), 0 violations; of %llu PASS whose part could be followed 0 rose for one that "
      "was past\n",
      static_cast<unsigned long long>(seeds.size()), static_cast<unsigned long long>(parts),
      static_cast<unsigned long long>(stalls), static_cast<unsigned long long>(released),
      static_cast<unsigned long long>(released_by_mode[0]),
      static_cast<unsigned long long>(released_by_mode[1]),
      static_cast<unsigned long long>(released_by_mode[2]),
      static_cast<unsigned long long>(looked_at));
  EXPECT_GE(parts, 1'000 * lines);
  for (const std::uint64_t of_mode : released_by_mode) {
    EXPECT_GT(of_mode, 50 * lines) << "a mode in which little passes shows little";
  }
  EXPECT_GT(looked_at, released / 2);
}

}  // namespace
}  // namespace taktgate::sim
