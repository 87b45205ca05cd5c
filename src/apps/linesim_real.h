#ifndef TAKTGATE_APPS_LINESIM_REAL_H_
#define TAKTGATE_APPS_LINESIM_REAL_H_

#include <string>
#include <vector>

#include "apps/command.h"
#include "rig/real_options.h"

namespace taktgate::apps {

// The options that only this mode has: --rate, --bundle, --kills, ... `options` must outlive the
// parsing.
std::vector<Option> AddRealLineOptions(const Command& command, rig::RealLineOptions& options);

// Which of these options needs another one, in words; empty: none.
std::string WhatIsMissing(const rig::RealLineOptions& options);

// Runs the line and prints the result; the exit code (1: refused, or an invariant is broken).
int RunRealLine(const rig::RealLineOptions& options);

}  // namespace taktgate::apps

#endif  // TAKTGATE_APPS_LINESIM_REAL_H_
