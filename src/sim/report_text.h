#ifndef TAKTGATE_SIM_REPORT_TEXT_H_
#define TAKTGATE_SIM_REPORT_TEXT_H_

#include <string>

#include "base/latency_histogram.h"
#include "sim/findings.h"

// What the tables of the soft line and of the real line share.
namespace taktgate::sim {

// How often an invariant was broken, and what it says.
std::string ViolationRow(const Findings& findings, Invariant invariant);

// A row with a bar for each quarter of a millisecond, up to 9 ms, in which there is anything.
std::string Bars(const LatencyHistogram& times);

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_REPORT_TEXT_H_
