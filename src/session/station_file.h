#ifndef TAKTGATE_SESSION_STATION_FILE_H_
#define TAKTGATE_SESSION_STATION_FILE_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "incident/incident.h"
#include "line/gpio/gpio_inputs.h"
#include "line/gpio/gpio_output.h"
#include "line/replay.h"
#include "record/appended_file.h"
#include "station/station.h"

namespace taktgate::session {

// What is wired on this line: the content of a station file (docs/station-file.md). What decides
// about a part is in the release, never here.
struct StationFile {
  enum class Source : std::uint8_t { kSim, kReplay };

  std::string name = "station";
  std::filesystem::path bundle;
  Source source = Source::kSim;
  std::filesystem::path data;  // of a replay: sample list or folder
  std::string split;           // of a replay: empty for all rows
  std::uint64_t design = 4;    // of the simulator
  double defect_share = 0.1;
  line::Schedule schedule;
  line::GpioInputWiring gpio_input;      // all empty: edges and signals do not come from a GPIO
  line::GpioOutput::Wiring gpio_output;  // of lines that go to a GPIO; all empty: none does
  std::filesystem::path shared_line;     // instead of source: a line in another process
  station::StationSettings station;
  bool trigger_wired() const { return gpio_input.At(line::GpioInput::kTrigger).has_value(); }
  std::uint64_t top_speed = 0;  // of a belt by count, encoder counts per second
  Duration reserve{};           // zero: measured at start
  int intra_op_threads = 1;
  int warm_up_runs = 50;
  std::filesystem::path records;  // empty: none
  std::size_t record_queue = 4096;
  record::Rotation rotation;    // of the record file
  std::filesystem::path state;  // folder of the boot counter
  incident::IncidentSettings incident;
};

// Reads and checks a station file; relative paths are relative to its folder. Unknown keys, wrong
// units and impossible timings are `invalid`, each with the arithmetic or the expected form.
Result<StationFile> ReadStationFile(const std::filesystem::path& path);
Result<StationFile> ParseStationFile(std::string_view text, const std::filesystem::path& folder);

// What must hold between the values, wherever they come from: `invalid` with the arithmetic shown.
Status CheckStationFile(const StationFile& file);
// The part of it that is about times.
Status CheckTiming(const StationFile& file);
// Decisions must be faster than parts: `invalid` where they are not.
Status CheckPace(Duration period, Duration decision_takes);

// How close two parts may come on this line.
Duration LeastPeriod(const StationFile& file);

// By count: how old a position may be at most to energise PASS by it (docs/gate.md).
Duration MostPositionAge(const StationFile& file);

}  // namespace taktgate::session

#endif  // TAKTGATE_SESSION_STATION_FILE_H_
