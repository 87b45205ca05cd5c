#include "station/line_report.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>

namespace taktgate::station {
namespace {

__attribute__((format(printf, 1, 2))) std::string Format(const char* format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return text;
}

double Milliseconds(Duration duration) { return static_cast<double>(duration.count()) / 1e6; }
double Microseconds(Duration duration) { return static_cast<double>(duration.count()) / 1e3; }

using Count = unsigned long long;

std::string StageRow(const char* name, const LatencyHistogram& times) {
  return Format("  %-28s %9.1f %9.1f %9.1f\n", name, Microseconds(times.Quantile(0.5)),
                Microseconds(times.Quantile(0.99)), Microseconds(times.max()));
}

}  // namespace

std::string InMilliseconds(Duration duration) { return Format("%.3g ms", Milliseconds(duration)); }

std::string LiveLine(const LineCounts& counts, Duration elapsed) {
  return Format(
      "%5.1f s  parts %-6llu pass %-6llu reject %-5llu (defect %llu, other %llu)  "
      "p50 %.2f  p99 %.2f  max %.2f ms  misses %llu",
      static_cast<double>(elapsed.count()) / 1e9, Count{counts.parts}, Count{counts.released},
      Count{counts.parts - counts.released},
      Count{counts.reasons[static_cast<std::size_t>(judge::Reason::kDefect)]},
      Count{counts.parts - counts.released -
            counts.reasons[static_cast<std::size_t>(judge::Reason::kDefect)]},
      Milliseconds(counts.latency.Quantile(0.5)), Milliseconds(counts.latency.Quantile(0.99)),
      Milliseconds(counts.latency.max()), Count{counts.misses()});
}

std::string TruthTable(const std::vector<std::string>& names, const std::vector<bool>& passes,
                       const std::vector<TruthRow>& rows) {
  std::string text = "  truth             parts      PASS    REJECT  REJECT, no answer in time\n";
  for (std::size_t i = 0; i < rows.size() && i < names.size(); ++i) {
    const TruthRow& row = rows[i];
    const Count parts = row.released + row.rejected_by_model + row.rejected_unseen;
    const Count wrong = passes[i] ? row.rejected_by_model : row.released;
    text += Format("  %-14s %8llu  %8llu  %8llu  %8llu", names[i].c_str(), parts,
                   Count{row.released}, Count{row.rejected_by_model}, Count{row.rejected_unseen});
    if (wrong != 0) text += Format("   <- %llu %s", wrong, passes[i] ? "false rejects" : "missed");
    text += '\n';
  }
  return text;
}

std::string LatencyPicture(const LatencyHistogram& latency, Duration deadline) {
  if (latency.count() == 0) return "  (no part had an answer)\n";
  constexpr int kWidth = 50;
  const Duration step = deadline / 16;
  const Duration low = latency.min() / step * step;
  const Duration high = std::max(latency.max(), deadline) + step;
  std::vector<std::uint64_t> bins;
  for (Duration at = low; at < high && bins.size() < 40; at += step) {
    const bool last = bins.size() == 39;
    bins.push_back(
        latency.CountBetween(at - Duration(1), last ? Duration::max() : at + step - Duration(1)));
  }
  const std::uint64_t most =
      std::max<std::uint64_t>(1, *std::max_element(bins.begin(), bins.end()));
  std::string text;
  Duration at = low;
  for (const std::uint64_t count : bins) {
    if (at <= deadline && deadline < at + step) {
      text += Format("  %6.2f ms +%s deadline\n", Milliseconds(deadline),
                     std::string(kWidth, '-').c_str());
    }
    const double share = std::sqrt(static_cast<double>(count) / static_cast<double>(most));
    const auto length = static_cast<std::size_t>(std::ceil(share * kWidth));
    text += Format("  %6.2f ms |%s %llu\n", Milliseconds(at), std::string(length, '#').c_str(),
                   Count{count});
    at += step;
  }
  return text;
}

std::string StageTable(const StageTimes& stages, const LatencyHistogram& total) {
  std::string text = "  stage, microseconds               p50       p99       max\n";
  text += StageRow("wait (edge to frame)", stages.wait);
  text += StageRow("image (align, tensor)", stages.image);
  text += StageRow("infer (model)", stages.infer);
  text += StageRow("judge (verdict)", stages.judge);
  text += StageRow("output (answer to level)", stages.output);
  text += StageRow("total (edge to level)", total);
  return text;
}

std::string ReasonTable(const LineCounts& counts) {
  std::string text;
  for (std::size_t i = 1; i < counts.reasons.size(); ++i) {
    if (counts.reasons[i] == 0) continue;
    const auto name = judge::ToString(static_cast<judge::Reason>(i));
    text += Format("  %-18.*s %8llu\n", static_cast<int>(name.size()), name.data(),
                   Count{counts.reasons[i]});
  }
  return text.empty() ? "  (none)\n" : text;
}

}  // namespace taktgate::station
