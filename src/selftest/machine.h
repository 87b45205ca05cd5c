#ifndef TAKTGATE_SELFTEST_MACHINE_H_
#define TAKTGATE_SELFTEST_MACHINE_H_

#include <filesystem>
#include <vector>

#include "selftest/point.h"

namespace taktgate::selftest {

// What kernel and settings of this machine say about real time: kernel flavour, governor,
// frequency, idle states, real-time throttling, memory lock, swap, huge pages, isolated cores,
// clock source, temperature. Reads below `root` ("/" but in tests); needs no privilege and changes
// nothing.
std::vector<Point> LookAtMachine(const std::filesystem::path& root);

// The part of it that changes while a machine works.
std::vector<Point> LookAtHeat(const std::filesystem::path& root);

}  // namespace taktgate::selftest

#endif  // TAKTGATE_SELFTEST_MACHINE_H_
