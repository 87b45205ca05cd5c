#ifndef TAKTGATE_SELFTEST_GRANTS_H_
#define TAKTGATE_SELFTEST_GRANTS_H_

#include <filesystem>
#include <set>
#include <string_view>
#include <vector>

#include "selftest/point.h"
#include "session/station_file.h"

namespace taktgate::selftest {

// What a station would be granted of all that its [realtime] asks for: priorities and cores of its
// threads, tried on threads that end again; memory lock; whether a strict start would be refused;
// and how the model is kept warm. `threads`: that a run of its model uses. `root` is "/" but in
// tests.
std::vector<Point> LookAtGrants(const session::StationFile& file, int threads,
                                const std::filesystem::path& root);

// "2-3,5", as the kernel lists cores. Anything else gives an empty list.
std::set<int> ParseCoreList(std::string_view text);

}  // namespace taktgate::selftest

#endif  // TAKTGATE_SELFTEST_GRANTS_H_
