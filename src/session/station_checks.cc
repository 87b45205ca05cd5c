// What must hold between the values of a station file.
#include <algorithm>
#include <cmath>

#include "base/format_text.h"
#include "session/station_file.h"

namespace taktgate::session {
namespace {

// As a station file says it: 0.25 ms, 1250 ms.
std::string AsWritten(Duration duration) { return Format("%g ms", Milliseconds(duration)); }

// Exposure and transport of a usual camera, where it does not say what it takes itself.
constexpr Duration kUsualFrameThere = std::chrono::microseconds(2700);

bool Replayed(const StationFile& file) { return file.devices.facts.camera_replays; }

Duration AtTopSpeed(const StationFile& file, std::int64_t counts) {
  return Duration(
      std::llround(static_cast<double>(counts) * 1e9 / static_cast<double>(file.top_speed)));
}

// "2500 counts / 10000 counts per second = 250 ms"
std::string AtTopSpeedInWords(const StationFile& file, std::int64_t counts) {
  return std::to_string(counts) + " counts / " + std::to_string(file.top_speed) +
         " counts per second = " + AsWritten(AtTopSpeed(file, counts));
}

Error NotOfReplayed(const std::string& asked) {
  return Invalid(asked +
                 ", which a replayed line does not have; leave it out, or name a line "
                 "that has one with [line] shared");
}

Status CheckRelease(const StationFile& file) {
  if (file.bundle.empty()) {
    return Invalid(
        "[release] bundle is missing: name the bundle that decides, such as "
        "bundle = \"demo.tgb\"");
  }
  return {};
}

Status CheckState(const StationFile& file) {
  if (!file.state.empty()) return {};
  if (!file.records.empty()) {
    return Invalid(
        "[record] file needs [station] state = \"FOLDER\": without its boot counter part "
        "ids in the records would be given again after a restart");
  }
  if (file.station.gate.challenge_first) {
    return Invalid(
        "[station] challenge_first needs state = \"FOLDER\": a challenge is asked for through "
        "that folder's control socket");
  }
  return {};
}

// Edges, frames and wires must be of the same parts.
Status CheckDevices(const StationFile& file) {
  const line::LineFacts& facts = file.devices.facts;
  if (facts.output_wired && facts.output_elsewhere && !facts.trigger_wired) {
    return Invalid("[line] shared brings its own wires; leave out [output] or [line] shared");
  }
  if (facts.camera_replays && !facts.trigger_replays) {
    return Invalid(
        "[input] trigger needs a camera that sees the real parts, and a replayed line shows its "
        "own; name where frames come from with [line] shared");
  }
  if (facts.trigger_replays && !facts.camera_replays) {
    return Invalid(
        "the camera sees real parts, but nothing says when one comes; name the light barrier in "
        "[input] trigger");
  }
  return {};
}

// Each thing that the gate must know needs a source: a replayed line has a light barrier and a
// camera only.
Status CheckSignals(const StationFile& file) {
  using Kind = line::Signal::Kind;
  const gate::GateSettings& gate = file.station.gate;
  struct Need {
    bool asked;
    Kind kind;
    const char* words;
  };
  const Need needs[] = {
      {gate.belt.mode == gate::BeltMode::kByCount, Kind::kEncoder,
       "[belt] mode = \"count\" needs an encoder"},
      {gate.gate_sensor, Kind::kGateSensor, "[sensors] gate needs a sensor"},
      {gate.bin_within > Duration(0), Kind::kBinSensor, "[sensors] bin_within needs a sensor"},
      {gate.plc_beat_within > Duration(0), Kind::kPlcBeat, "[plc] heartbeat_within needs a PLC"},
      {gate.plc_names_parts, Kind::kPlcPart, "[plc] names_parts needs a PLC"}};
  const line::LineFacts& facts = file.devices.facts;
  for (const Need& need : needs) {
    if (!need.asked || facts.HasSignal(need.kind)) continue;
    if (Replayed(file)) return NotOfReplayed(need.words);
    const std::string& remedy = facts.RemedyFor(need.kind);
    return Invalid(
        std::string(need.words) + ": " +
        (remedy.empty() ? "no device that can be named here tells it; leave it out" : remedy));
  }
  return {};
}

Status CheckPeriod(const StationFile& file) {
  const gate::GateSettings& gate = file.station.gate;
  const Duration least = LeastPeriod(file);
  if (file.period < least) {
    const std::string needed =
        gate.belt.mode == gate::BeltMode::kAtCamera
            ? "one part needs " + AsWritten(gate.window) + " (deadline window) + " +
                  AsWritten(gate.pass_hold) + " (pass_hold) = " + AsWritten(least) +
                  "; lower [line] parts_per_second or shorten [deadline]"
            : "[belt] spacing lets them come every " + AsWritten(least) +
                  " at most, and closer edges reject both parts; lower [line] parts_per_second "
                  "or spacing";
    return Invalid("parts come every " + AsWritten(file.period) + ", but " + needed);
  }
  return CheckPace(file.period, file.reserve);
}

Status CheckFrames(const StationFile& file) {
  const gate::GateSettings& gate = file.station.gate;
  if (gate.capture_until <= gate.capture_from || gate.capture_until > gate.window) {
    return Invalid("[camera] capture_from " + AsWritten(gate.capture_from) +
                   " must lie before capture_until " + AsWritten(gate.capture_until) +
                   ", and that not after the deadline window " + AsWritten(gate.window));
  }
  if (!file.devices.facts.frames) return {};
  const line::FrameTiming& frame = *file.devices.facts.frames;
  const Duration frame_there = frame.there();
  if (frame_there >= gate.window) {
    return Invalid("a frame is there " + AsWritten(frame.delay) + " + " + AsWritten(frame.jitter) +
                   " = " + AsWritten(frame_there) +
                   " after the edge, not before the answer is due at " + AsWritten(gate.window) +
                   "; no part could ever pass");
  }
  if (frame_there > gate.capture_until) {
    return Invalid("a frame may be captured " + AsWritten(frame_there) +
                   " after the edge, but [camera] capture_until is " +
                   AsWritten(gate.capture_until) + "; no frame would be paired with its part");
  }
  if (frame.captured < gate.capture_from) {
    return Invalid("a frame is captured " + AsWritten(frame.captured) +
                   " after the edge, before [camera] capture_from " + AsWritten(gate.capture_from) +
                   "; no frame would be paired with its part");
  }
  return {};
}

Status CheckReserve(const StationFile& file) {
  const std::optional<line::FrameTiming>& frame = file.devices.facts.frames;
  const Duration left = file.station.gate.window - (frame ? frame->there() : Duration(0));
  if (file.reserve < left || file.reserve == Duration(0)) return {};
  return Invalid("[deadline] reserve " + AsWritten(file.reserve) +
                 " is not under what is left after the frame, " + AsWritten(left) +
                 "; no part could ever be admitted");
}

// What follows from counts at the belt's highest speed.
Status CheckTopSpeed(const StationFile& file) {
  const gate::GateSettings& gate = file.station.gate;
  const gate::BeltSettings& belt = gate.belt;
  const Duration due = AtTopSpeed(file, belt.distance - belt.lead);
  if (due < gate.window) {
    return Invalid("PASS is due (distance - lead) / top_speed = " +
                   AtTopSpeedInWords(file, belt.distance - belt.lead) +
                   " after the edge, before the answer is due at " + AsWritten(gate.window) +
                   "; set the gate further behind, or slow the belt, or shorten [deadline] window");
  }
  const Duration apart = AtTopSpeed(file, belt.spacing);
  const Duration capture = gate.capture_until - gate.capture_from;
  if (apart <= capture) {
    return Invalid("parts may come spacing / top_speed = " + AtTopSpeedInWords(file, belt.spacing) +
                   " apart, not above the capture interval of " + AsWritten(capture) +
                   ": a frame could belong to two parts");
  }
  if (belt.longest_pass > apart) {
    return Invalid("[belt] longest_pass " + AsWritten(belt.longest_pass) +
                   " is above spacing / top_speed = " + AtTopSpeedInWords(file, belt.spacing) +
                   ": while the deciding thread sleeps, PASS would stand for the next part");
  }
  if (belt.position_age > MostPositionAge(file)) {
    return Invalid("[belt] position_age " + AsWritten(belt.position_age) +
                   " is above hold / top_speed = " + AtTopSpeedInWords(file, belt.hold) +
                   ": PASS would be energised for a part that may be past the gate; leave it out, "
                   "or make hold longer");
  }
  // A part stays in the ring until the bin sensor has answered, or its time is over; the belt goes
  // on meanwhile.
  const std::int64_t fall =
      gate.bin_within.count() * static_cast<std::int64_t>(file.top_speed) / 1'000'000'000;
  const auto in_flight = (belt.distance + belt.hold + fall) / belt.spacing + 2;
  if (in_flight > static_cast<std::int64_t>(gate.parts_in_flight)) {
    return Invalid(
        "(distance + hold + bin_within x top_speed) / spacing + 2 = (" +
        std::to_string(belt.distance) + " + " + std::to_string(belt.hold) + " + " +
        std::to_string(fall) + ") / " + std::to_string(belt.spacing) +
        " + 2 = " + std::to_string(in_flight) +
        " parts may be in flight until the bin sensor has answered, but parts_in_flight is " +
        std::to_string(gate.parts_in_flight));
  }
  return {};
}

}  // namespace

Duration FrameThere(const StationFile& file) {
  const std::optional<line::FrameTiming>& frame = file.devices.facts.frames;
  return frame ? frame->there() : kUsualFrameThere;
}

Duration MostPositionAge(const StationFile& file) {
  return AtTopSpeed(file, file.station.gate.belt.hold);
}

Duration LeastPeriod(const StationFile& file) {
  const gate::GateSettings& gate = file.station.gate;
  switch (gate.belt.mode) {
    case gate::BeltMode::kByTime:
      return Duration(gate.belt.spacing);
    case gate::BeltMode::kByCount:
      return AtTopSpeed(file, gate.belt.spacing);
    case gate::BeltMode::kAtCamera:
      break;
  }
  return gate.window + gate.pass_hold;
}

Status CheckPace(Duration period, Duration decision_takes) {
  if (decision_takes < period) return {};
  return Invalid("parts come every " + AsWritten(period) + ", but to decide about one takes " +
                 AsWritten(decision_takes) +
                 ": there is one model run at a time, so parts would be no_slack; slow the line, "
                 "space the parts, or take a faster release");
}

Status CheckTiming(const StationFile& file) {
  if (Status sound = CheckFrames(file); !sound) return sound;
  gate::GateSettings rest = file.station.gate;
  rest.inference_reserve = file.reserve;  // zero: measured at start, from what is left
  if (Status sound = gate::CheckSettings(rest); !sound) return sound;
  if (rest.belt.mode == gate::BeltMode::kByCount) {
    if (Status sound = CheckTopSpeed(file); !sound) return sound;
  }
  if (Status sound = CheckReserve(file); !sound) return sound;
  return CheckPeriod(file);
}

Status CheckStationFile(const StationFile& file) {
  for (const auto check : {CheckRelease, CheckState, CheckDevices, CheckSignals}) {
    if (Status sound = check(file); !sound) return sound;
  }
  return CheckTiming(file);
}

}  // namespace taktgate::session
