#include "record/line_report.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/format_text.h"

namespace taktgate::record {
namespace {

// To a hundredth, for sums that a reader adds up.
std::string Short(Duration duration) { return Format("%.2f ms", Milliseconds(duration)); }

using Count = unsigned long long;

std::string StageRow(const char* name, const LatencyHistogram& times) {
  return Format("  %-28s %9.1f %9.1f %9.1f\n", name, Microseconds(times.Quantile(0.5)),
                Microseconds(times.Quantile(0.99)), Microseconds(times.max()));
}

}  // namespace

std::string InMilliseconds(Duration duration) {
  const double ms = Milliseconds(duration);
  return ms < 999.5 ? Format("%.3g ms", ms) : Format("%.0f ms", ms);
}

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

namespace {

// The time that `quantile` of all inspected parts did not exceed, or nothing if that part had no
// answer in time: its run was stopped, and how long it would have taken is not known.
std::optional<Duration> OfAllAsked(const LineCounts& counts, double quantile) {
  const double asked = static_cast<double>(counts.parts - counts.not_inspected);
  const double rank = std::ceil(quantile * asked);
  if (rank > static_cast<double>(counts.answered)) return std::nullopt;
  return counts.latency.Quantile(rank / static_cast<double>(counts.latency.count()));
}

// "frame there 2.50 ms, inspection 8.10 ms, output 0.10 ms"
struct Sum {
  Duration frame, inspection, output;
  Duration all() const { return frame + inspection + output; }
  std::string InWords() const {
    return Format("frame there %s, inspection %s, output %s", Short(frame).c_str(),
                  Short(inspection).c_str(), Short(output).c_str());
  }
};

// A part on this line whose inspection takes so long.
Sum WouldTake(const LineCounts& counts, Duration frame_there, Duration inspection) {
  const LatencyHistogram& waited = counts.stages.wait;
  return {waited.count() == 0 ? frame_there : waited.Quantile(0.5), inspection,
          counts.stages.output.Quantile(0.5)};
}

// By how much `quantile` of the parts missed the window. Their runs on the line were stopped, so
// only the trials before it can tell. If those fit into the window, the line added at least the
// rest.
std::string MissedBy(const LineCounts& counts, const LatencyHistogram& tried, double quantile,
                     Duration frame_there, Duration window) {
  if (tried.count() == 0) {
    const std::string fastest = counts.answered == 0
                                    ? "no part was answered in time"
                                    : "the fastest part took " + Short(counts.latency.min());
    return "took longer, and how long is not known: their runs were stopped, and none was tried "
           "before "
           "(" +
           fastest + ")";
  }
  const Sum sum = WouldTake(counts, frame_there, tried.Quantile(quantile));
  const std::string all = Short(sum.all()), words = sum.InWords();
  if (sum.all() > window) {
    return Format("would take %s, %s too long (%s, of %llu tried before the line ran)", all.c_str(),
                  Short(sum.all() - window).c_str(), words.c_str(), Count{tried.count()});
  }
  return Format("took at least %s longer than the %s of before the line ran (%s, of %llu tried)",
                Short(window - sum.all()).c_str(), all.c_str(), words.c_str(),
                Count{tried.count()});
}

}  // namespace

std::string TooSlow(const LineCounts& counts, const LatencyHistogram& tried, Duration frame_there,
                    Duration window) {
  if (counts.misses() == 0) return {};
  const std::uint64_t asked = counts.parts - counts.not_inspected;
  const std::string within = Short(window);
  std::string text = Format(
      "%llu of %llu parts (%.1f %%) had no answer within the window of %s and were rejected.\n",
      Count{counts.misses()}, Count{asked},
      100.0 * static_cast<double>(counts.misses()) / static_cast<double>(asked), within.c_str());
  const Sum fastest = WouldTake(counts, frame_there, tried.min());
  const auto missed_by = [&](double quantile) {
    return MissedBy(counts, tried, quantile, frame_there, window);
  };
  const std::string slow = "This machine is too slow for a window of " + within + ": ";
  if (const auto took = OfAllAsked(counts, 0.5)) {
    const bool rarely = OfAllAsked(counts, 0.99).has_value();
    text += rarely ? "That is at most one in a hundred: " : slow;
    text += Format("in the middle case (p50) a part took %s, %s less than the window",
                   Short(*took).c_str(), Short(window - *took).c_str());
    if (!rarely) text += "; the slower ones (p99) " + missed_by(0.99);
    text += ".\n";
  } else if (tried.count() != 0 && fastest.all() > window) {
    text += slow + Format(
                       "the fastest part would take %s, %s too long (%s, the fastest of %llu tried "
                       "before the line ran).\n",
                       Short(fastest.all()).c_str(), Short(fastest.all() - window).c_str(),
                       fastest.InWords().c_str(), Count{tried.count()});
  } else if (tried.count() != 0) {
    text += slow + "in the middle case (p50) a part " + missed_by(0.5) + ".\n";
  } else {
    text += slow + "more than half of the parts " + missed_by(0.5) + ".\n";
  }
  return text;
}

std::string ReasonTable(const LineCounts& counts) {
  std::string text;
  for (std::size_t i = 1; i < counts.reasons.size(); ++i) {
    if (counts.reasons[i] == 0) continue;
    const judge::ReasonInfo& reason = judge::kReasonTable[i];
    text += Format("  %-16s %8llu  ", std::string(reason.name).c_str(), Count{counts.reasons[i]});
    text += std::string(reason.cause) + "\n";
  }
  return text.empty() ? "  (none)\n" : text;
}

}  // namespace taktgate::record
