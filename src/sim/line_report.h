#ifndef TAKTGATE_SIM_LINE_REPORT_H_
#define TAKTGATE_SIM_LINE_REPORT_H_

#include <string>

#include "sim/soft_line.h"

namespace taktgate::sim {

// What a run has shown, as a table for people; `cpu_seconds` is what it cost.
std::string LineTable(const SoftLine& line, double cpu_seconds);
// The same as one JSON object. All but "cpu" depends on settings, faults and seed alone.
std::string LineJson(const SoftLine& line, double cpu_seconds);

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_LINE_REPORT_H_
