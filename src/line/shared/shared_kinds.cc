#include "line/shared/shared_kinds.h"

#include <filesystem>
#include <memory>
#include <utility>

#include "line/shared/shared_devices.h"

namespace taktgate::line {
namespace {

bool Named(DeviceTables& tables) { return tables["line"].Has("shared"); }

bool NamedWithoutInputs(DeviceTables& tables) {
  return Named(tables) && !tables["input"].Has("trigger");
}

std::filesystem::path ReadPath(DeviceTables& tables) {
  StrictTable& line = tables["line"];
  std::filesystem::path path;
  line.Path("shared", path, tables.folder());
  if (!Named(tables)) return path;
  constexpr char kWhy[] =
      "does not go with [line] shared, which brings its own parts and frames; leave one of them "
      "out";
  line.Refuse("parts", kWhy);
  line.Refuse("seed", kWhy);
  tables["camera"].Refuse("source", kWhy);
  return path;
}

// A device, and the place that all of them share.
template <typename Device>
struct OnSharedLine {
  explicit OnSharedLine(std::shared_ptr<SharedStation> place)
      : station(std::move(place)), device(*station) {}
  const std::shared_ptr<SharedStation> station;
  Device device;
};

template <typename Interface, typename Device>
Opener<Interface> OpenerOf(std::filesystem::path path) {
  return [path = std::move(path)](Surroundings& around) -> Result<std::shared_ptr<Interface>> {
    const auto station = around.shared.Get<SharedStation>(
        path.string(), [&]() -> Result<std::shared_ptr<SharedStation>> {
          auto attached = SharedStation::Attach(path, around.clock);
          if (!attached) return attached.error();
          return std::shared_ptr<SharedStation>(std::move(*attached));
        });
    if (!station) return station.error();
    const auto both = std::make_shared<OnSharedLine<Device>>(*station);
    return std::shared_ptr<Interface>(both, &both->device);
  };
}

Opener<Camera> ReadCamera(DeviceTables& tables, LineFacts& facts) {
  facts.output_elsewhere = true;
  return OpenerOf<Camera, SharedCamera>(ReadPath(tables));
}

Opener<Trigger> ReadTrigger(DeviceTables& tables, LineFacts&) {
  return OpenerOf<Trigger, SharedTrigger>(ReadPath(tables));
}

Opener<Signals> ReadSignals(DeviceTables& tables, LineFacts& facts) {
  facts.tells.fill(true);
  return OpenerOf<Signals, SharedSignals>(ReadPath(tables));
}

Opener<Output> ReadOutput(DeviceTables& tables, LineFacts&) {
  return OpenerOf<Output, SharedOutput>(ReadPath(tables));
}

}  // namespace

const DeviceKind<Camera> kSharedCameraKind{"shared", Named, ReadCamera};
const DeviceKind<Trigger> kSharedTriggerKind{"shared", NamedWithoutInputs, ReadTrigger};
const DeviceKind<Signals> kSharedSignalsKind{"shared", NamedWithoutInputs, ReadSignals};
const DeviceKind<Output> kSharedOutputKind{"shared", Named, ReadOutput};

}  // namespace taktgate::line
