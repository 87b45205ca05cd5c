#ifndef TAKTGATE_BASE_OUTPUT_LINE_H_
#define TAKTGATE_BASE_OUTPUT_LINE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace taktgate {

// The wires from the station to the line: the gate decides their levels, an output adapter drives
// them. Every one of them is safe when it carries no current; LINE_STOP too: it is energised while
// the line may run.
enum class OutputLine : std::uint8_t {
  kPass,       // the part in the gate may pass
  kValid,      // strobe: PASS has its final level for the part in the gate
  kReady,      // parts are inspected
  kHeartbeat,  // toggles; a peer treats no change for 2 s as a fault
  kLineStop,
  kGreen,
  kAmber,
  kRed,
};
inline constexpr std::size_t kOutputLines = 8;

// As on a terminal block: PASS, VALID, ...
std::string_view ToString(OutputLine line);

// As files name it: pass, valid, ...
std::string KeyOf(OutputLine line);

}  // namespace taktgate

#endif  // TAKTGATE_BASE_OUTPUT_LINE_H_
