#include "sim/report_text.h"

#include <algorithm>

#include "base/format_text.h"

namespace taktgate::sim {
namespace {

using Count = unsigned long long;

}  // namespace

std::string ViolationRow(const Findings& findings, Invariant invariant) {
  return Format("  %-6s %10llu  %s\n", std::string(NameOf(invariant)).c_str(),
                Count{findings.Of(invariant)}, std::string(MeaningOf(invariant)).c_str());
}

std::string Bars(const LatencyHistogram& times) {
  constexpr Duration kStep = std::chrono::microseconds(250);
  constexpr int kSteps = 36;
  const auto within = [&](int step) {
    return times.CountBetween(step * kStep, (step + 1) * kStep);
  };
  std::uint64_t most = 1;
  for (int step = 0; step < kSteps; ++step) most = std::max(most, within(step));
  std::string text;
  for (int step = 0; step < kSteps; ++step) {
    const std::uint64_t count = within(step);
    if (count == 0) continue;
    text += Format("  up to %5.2f %10llu  ", Milliseconds((step + 1) * kStep), Count{count}) +
            std::string(static_cast<std::size_t>(count * 50 / most), '#') + "\n";
  }
  return text;
}

}  // namespace taktgate::sim
