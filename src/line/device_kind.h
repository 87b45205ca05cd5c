#ifndef TAKTGATE_LINE_DEVICE_KIND_H_
#define TAKTGATE_LINE_DEVICE_KIND_H_

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "line/device_tables.h"
#include "line/line.h"
#include "line/surroundings.h"

namespace taktgate::line {

// When a camera delivers, after the edge of the part.
struct FrameTiming {
  Duration captured{};
  Duration delay{};   // until the frame is there, at least
  Duration jitter{};  // and at most so much later
  Duration there() const { return delay + jitter; }
};

// What devices say about their line before they are opened: for the checks of a station file.
struct LineFacts {
  std::optional<Duration> period;          // from part to part; nothing: nobody knows
  std::optional<FrameTiming> frames;       // nothing: the camera cannot know
  bool camera_replays = false;             // its frames show parts that no light barrier has seen
  bool trigger_replays = false;            // its edges are of parts that no camera has seen
  bool trigger_wired = false;              // edges come from inputs of this machine
  bool output_wired = false;               // levels go to outputs of this machine
  bool output_elsewhere = false;           // the line has wires of its own
  std::array<bool, kSignalKinds> tells{};  // which kinds of signal come
  // What to write into the station file so that they come: of each kind of Signals that could tell
  // them, also where the file does not name it.
  std::array<std::string, kSignalKinds> remedies{};

  void Tells(Signal::Kind kind) { tells[static_cast<std::size_t>(kind)] = true; }
  bool HasSignal(Signal::Kind kind) const { return tells[static_cast<std::size_t>(kind)]; }
  void CouldTell(Signal::Kind kind, const std::string& remedy) {
    std::string& all = remedies[static_cast<std::size_t>(kind)];
    if (!remedy.empty()) all += (all.empty() ? "" : ", or ") + remedy;
  }
  // Empty: no kind of Signals could.
  const std::string& RemedyFor(Signal::Kind kind) const {
    return remedies[static_cast<std::size_t>(kind)];
  }
};

// Makes a device, which is open then. Its error says what is not there and what to do.
template <typename Device>
using Opener = std::function<Result<std::shared_ptr<Device>>(Surroundings&)>;

// One kind of camera, trigger, signals or output: how a station file names it, which keys it reads,
// and how it is made. A device may share what it uses with others of its station
// (Surroundings::shared); whoever has the shared_ptr has that, too.
template <typename Device>
struct DeviceKind {
  // For messages; of a camera what [camera] source says.
  std::string_view name;
  // Whether keys of its own name it. nullptr: a camera is named by [camera] source, everything else
  // is taken where no other kind is named.
  bool (*named)(DeviceTables&);
  // Reads and checks its keys. A kind that keys of its own name is also read where it is not named,
  // so that messages know its keys; of what it says then only remedies are kept.
  Opener<Device> (*read)(DeviceTables&, LineFacts&);
};

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_DEVICE_KIND_H_
