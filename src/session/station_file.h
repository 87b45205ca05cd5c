#ifndef TAKTGATE_SESSION_STATION_FILE_H_
#define TAKTGATE_SESSION_STATION_FILE_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "incident/incident.h"
#include "infer/engine.h"
#include "record/appended_file.h"
#include "session/device_kinds.h"
#include "session/device_plan.h"
#include "station/station.h"

namespace taktgate::session {

// What is wired on this line: the content of a station file (docs/station-file.md). What decides
// about a part is in the release, never here.
struct StationFile {
  std::string name = "station";
  std::filesystem::path bundle;
  DevicePlan devices;
  Duration period{};  // from part to part; where nobody knows, the least
  station::StationSettings station;
  std::uint64_t top_speed = 0;  // of a belt by count, encoder counts per second
  Duration reserve{};           // zero: measured at start
  infer::LoadSettings inference;
  std::filesystem::path records;  // empty: none
  std::size_t record_queue = 4096;
  record::Rotation rotation;    // of the record file
  std::filesystem::path state;  // folder of the boot counter
  incident::IncidentSettings incident;
};

// Reads and checks a station file; relative paths are relative to its folder. Unknown keys, wrong
// units and impossible timings are `invalid`, each with the arithmetic or the expected form.
Result<StationFile> ReadStationFile(const std::filesystem::path& path);
Result<StationFile> ParseStationFile(std::string_view text, const std::filesystem::path& folder,
                                     const DeviceKinds& kinds = ShippedDeviceKinds());

// What must hold between the values, wherever they come from: `invalid` with the arithmetic shown.
Status CheckStationFile(const StationFile& file);
// The part of it that is about times.
Status CheckTiming(const StationFile& file);
// Decisions must be faster than parts: `invalid` where they are not.
Status CheckPace(Duration period, Duration decision_takes);

// How close two parts may come on this line.
Duration LeastPeriod(const StationFile& file);

// When the frame of a part is there at the latest, after its edge. Of a camera that cannot know it,
// what a usual one takes.
Duration FrameThere(const StationFile& file);

// By count: how old a position may be at most to energise PASS by it (docs/gate.md).
Duration MostPositionAge(const StationFile& file);

}  // namespace taktgate::session

#endif  // TAKTGATE_SESSION_STATION_FILE_H_
