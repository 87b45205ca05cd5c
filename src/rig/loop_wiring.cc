#include "rig/loop_wiring.h"

#include <optional>
#include <utility>

#include "base/file.h"
#include "base/strict_table.h"

namespace taktgate::rig {
namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;

std::string Line(const std::string& key, const line::GpioName& name) {
  return key + " = \"" + ToString(name) + "\"\n";
}

void Take(StrictTable& table, const std::string& key, std::optional<line::GpioName>& name) {
  table.Parsed(key, [&](const std::string& text) -> std::optional<std::string> {
    const auto parsed = line::ParseGpioName(text);
    if (!parsed) return "a GPIO line as \"CHIP/LINE\", as gpioinfo shows them";
    name = *parsed;
    return std::nullopt;
  });
}

}  // namespace

Result<LoopWiring> ParseLoopWiring(std::string_view text) {
  auto root = TomlFile::Parse(text);
  if (!root) return root.error();
  std::optional<Error> error;
  LoopWiring wiring;
  StrictTable file = StrictTable::Top(*root, "wiring file", error);
  for (const char* table : {"station", "line"}) {
    file.Inner(table);
    file.Need(table, "the lines of that side");
  }
  file.RefuseOtherKeys();
  StrictTable station(*root, "station", error);
  StrictTable line(*root, "line", error);
  std::optional<line::GpioName> trigger, out, back;
  Take(station, "trigger", trigger);
  Take(line, "trigger_out", out);
  Take(line, "trigger_back", back);
  station.Need("trigger", "the station's input");
  line.Need("trigger_out", "the output that plays the light barrier");
  line.Need("trigger_back", "the input that witnesses it");
  std::string outputs;
  for (std::size_t k = 0; k < kOutputLines; ++k) {
    const std::string key = KeyOf(static_cast<OutputLine>(k));
    std::optional<line::GpioName> output;
    Take(station, key, output);
    Take(line, key, wiring.loop.back[k]);
    if (wiring.loop.back[k]) station.Need(key, "the station's output that comes back there");
    if (output) outputs += Line(key, *output);
  }
  station.RefuseOtherKeys();
  line.RefuseOtherKeys();
  if (error) return *error;
  wiring.loop.trigger_out = *out;
  wiring.loop.trigger_back = *back;
  wiring.station_tables = "[input]\n" + Line("trigger", *trigger) + "[output]\n" + outputs;
  return wiring;
}

Result<LoopWiring> ReadLoopWiring(const std::filesystem::path& path) {
  auto bytes = ReadFile(path, kMaxFileBytes);
  if (!bytes) return bytes.error().Within("wiring file");
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  return ParseLoopWiring(text).Within(path.string());
}

}  // namespace taktgate::rig
