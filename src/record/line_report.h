#ifndef TAKTGATE_RECORD_LINE_REPORT_H_
#define TAKTGATE_RECORD_LINE_REPORT_H_

#include <string>
#include <vector>

#include "base/latency_histogram.h"
#include "record/statistics.h"

// Text for people about a line that runs or ran. Pure: counts in, text out.
namespace taktgate::record {

// One line: parts, pass, reject, reasons, p50/p99/max, misses. `elapsed` since the first part.
std::string LiveLine(const LineCounts& counts, Duration elapsed);

// Rows of true classes against PASS, REJECT by the model, REJECT for want of an answer.
std::string TruthTable(const std::vector<std::string>& names, const std::vector<bool>& passes,
                       const std::vector<TruthRow>& rows);

// A drawn histogram with the deadline as a line; counts on a square-root scale, so that single
// stragglers can be seen beside thousands.
std::string LatencyPicture(const LatencyHistogram& latency, Duration deadline);

// Where each microsecond went: p50, p99, max per stage.
std::string StageTable(const StageTimes& stages, const LatencyHistogram& total);

// Every reason that occurred, with its count and its cause.
std::string ReasonTable(const LineCounts& counts);

// A plain sentence where parts had no answer in time: how many, and whether this machine is too
// slow for the window and by how much. `tried` are inspections before the line ran, which
// nothing cut short; `frame_there` is the camera's time after the edge, for a line on which no
// part was answered. Empty where every part had its answer.
std::string TooSlow(const LineCounts& counts, const LatencyHistogram& tried, Duration frame_there,
                    Duration window);

std::string InMilliseconds(Duration duration);

}  // namespace taktgate::record

#endif  // TAKTGATE_RECORD_LINE_REPORT_H_
