#ifndef TAKTGATE_GATE_SETTINGS_H_
#define TAKTGATE_GATE_SETTINGS_H_

#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "base/result.h"

namespace taktgate::gate {

// Where the gate stands and how a part's way to it is followed.
enum class BeltMode : std::uint8_t {
  kAtCamera,  // the gate is where the camera is: the level counts as soon as it is there
  kByTime,    // behind the camera, on a belt of constant speed
  kByCount,   // behind the camera, followed by an encoder
};

// All lengths in the belt's unit: nanoseconds by time, encoder counts by count. At the camera the
// place of a part follows from window and pass_hold, and only longest_pass is read.
struct BeltSettings {
  BeltMode mode = BeltMode::kAtCamera;
  std::int64_t distance = 0;  // from light barrier to gate
  std::int64_t lead = 0;      // PASS is energised this far ahead of the gate
  std::int64_t hold = 0;      // and dropped this far behind it
  std::int64_t spacing = 0;   // parts closer than this are a double edge; at least lead + hold
  // A belt that runs back further than this has lost its parts.
  std::int64_t reverse_tolerance = 20;
  // PASS never stays on the wire longer, whatever the encoder says: it may be dead. By count it
  // must be shorter than the way to the next part at the highest speed: hardware ends PASS by it
  // while the deciding thread sleeps.
  Duration longest_pass = std::chrono::seconds(1);
  // By count: a position older than this proves nothing, and PASS is not energised by it. At most
  // hold / top speed: the part cannot have left its place since (docs/gate.md).
  Duration position_age{};
};

// When rejects become an alarm. Each pair is (amber, line stop); 0 means never.
struct EscalationSettings {
  std::uint32_t rejects_amber = 5, rejects_stop = 10;  // in a row
  std::uint32_t faults_amber = 3, faults_stop = 6;     // in a row, caused by the station
  std::uint32_t rate_window = 100;                     // parts, at most 256
  std::uint32_t rate_amber = 30, rate_stop = 60;       // rejects among them
  std::uint32_t miss_quiet = 10'000;                   // a miss within this many parts is a warning
  std::uint32_t misses_amber = 3;                      // among the last 100 parts
  std::uint32_t miss_row_amber = 2, miss_row_stop = 5;
  std::uint32_t bin_amber = 1, bin_stop = 2;  // disagreements of the bin sensor

  // For a line where nobody can acknowledge.
  static constexpr EscalationSettings Off() {
    return {0, 0, 0, 0, 100, 0, 0, 10'000, 0, 0, 0, 0, 0};
  }
};

struct GateSettings {
  std::uint32_t boot = 1;
  // From the trigger edge until the answer is due; at the camera that is also the deadline.
  Duration window = std::chrono::milliseconds(8);
  // At the camera: how long a PASS stays on the wire after its deadline. The next part may not
  // come earlier.
  Duration pass_hold = std::chrono::milliseconds(1);
  // A frame belongs to a part when its capture lies this far after the part's edge.
  Duration capture_from{};
  Duration capture_until = std::chrono::milliseconds(5);
  // Admission: the model is not started with less time left (measured p99.9 of what remains).
  Duration inference_reserve = std::chrono::milliseconds(2);
  // Raises the reserve to the p99.9 of the last 1,000 runs that came in time.
  bool measure_runs = false;
  // An inference thread that is away longer than this is a fault.
  Duration fault_after = std::chrono::seconds(1);
  std::size_t parts_in_flight =
      16;  // between light barrier and gate (and bin, where it is watched)
  BeltSettings belt{};
  EscalationSettings escalation{};
  Duration heartbeat = std::chrono::milliseconds(500);  // half a period
  Duration strobe = std::chrono::microseconds(500);     // length of VALID
  bool gate_sensor = false;  // every part must be seen in its place at the gate
  Duration bin_within{};  // a reject must be seen in the bin within this time; zero: no bin sensor
  bool plc_names_parts = false;  // a part without the PLC's id is rejected
  Duration
      plc_beat_within{};  // the PLC's heartbeat must change within this time; zero: no heartbeat
  bool challenge_first = false;  // nothing passes until a challenge has been passed
};

// What must hold between the settings: `invalid` with the arithmetic shown.
Status CheckSettings(const GateSettings& settings);

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_SETTINGS_H_
