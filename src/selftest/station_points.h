#ifndef TAKTGATE_SELFTEST_STATION_POINTS_H_
#define TAKTGATE_SELFTEST_STATION_POINTS_H_

#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "bundle/release.h"
#include "inspect/inspector.h"
#include "selftest/point.h"
#include "session/station_file.h"
#include "station/station.h"

namespace taktgate::selftest {

// What was found out about a release.
struct ReleaseTried {
  Point point;
  int threads = 1;      // that one run of its model uses
  std::string refused;  // why it does not load; empty: it does
};

// Reads, verifies, loads and warms the release of a station file and times it.
ReleaseTried CheckRelease(const session::StationFile& file);

// A refusal as a point: what to do is what the message ends with.
Point RefusedRelease(const Error& error);

// The p99.9 of inspections against what a part has left after its frame.
Point JudgeInspection(const std::string& release, Duration p999, Duration left);

// The camera, which is open, delivers frames, within `patience` each.
Point CheckCamera(line::Camera& camera, Clock& clock, Duration patience);

// Every line takes the level without current. PASS is never energised.
Point CheckOutput(line::Output& output, Clock& clock);

// A file can be written, synced and removed there; the folder is made if it is missing.
Point CheckFolder(const std::string& name, const std::filesystem::path& folder);

// A record file can be appended to; nothing is written.
Point CheckAppend(const std::string& name, const std::filesystem::path& file);

// Enough space for days of records and some incidents.
Point CheckDiskSpace(const std::filesystem::path& folder);

}  // namespace taktgate::selftest

#endif  // TAKTGATE_SELFTEST_STATION_POINTS_H_
