#ifndef TAKTGATE_RIG_LOOP_WIRING_H_
#define TAKTGATE_RIG_LOOP_WIRING_H_

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "line/gpio/gpio_loop.h"

namespace taktgate::rig {

// How a board is wired back to itself (docs/linesim-hardware.md): both sides of each wire.
struct LoopWiring {
  line::GpioLoopWiring loop;
  std::string station_tables;  // [input] and [output] of the station file
};

// invalid: what was expected, what was given.
Result<LoopWiring> ParseLoopWiring(std::string_view text);
Result<LoopWiring> ReadLoopWiring(const std::filesystem::path& path);

}  // namespace taktgate::rig

#endif  // TAKTGATE_RIG_LOOP_WIRING_H_
