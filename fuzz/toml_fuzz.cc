// Every file that is written in TOML: station file, line file and fault script of the simulator.
#include "fuzz_target.h"
#include "session/station_file.h"
#include "sim/line_file.h"

namespace taktgate::fuzz {
namespace {

void CheckText(std::string_view text) {
  const auto station = session::ParseStationFile(text, "/line");
  if (!station) {
    ExpectForAPerson(station.error());
  } else {
    Expect(session::CheckStationFile(*station).has_value(), "what is taken was checked");
  }
  const auto line = sim::ParseLineFile(text);
  if (!line) ExpectForAPerson(line.error());
  const auto script = sim::ParseFaultScript(text, "/line");
  if (!script) {
    ExpectForAPerson(script.error());
  } else if (const Status fits = sim::CheckFaults(script->faults, sim::SoftSettings{}); !fits) {
    ExpectForAPerson(fits.error());
  }
}

}  // namespace
}  // namespace taktgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  taktgate::fuzz::CheckText(taktgate::fuzz::TextOf({data, size}));
  return 0;
}
