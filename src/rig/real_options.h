#ifndef TAKTGATE_RIG_REAL_OPTIONS_H_
#define TAKTGATE_RIG_REAL_OPTIONS_H_

#include <cstdint>
#include <string>

namespace taktgate::rig {

// Modes R and H of `taktgate linesim`: this process is the line, the station and the watchdog relay
// are children of it, all on the wall clock. In mode H barrier and wires are GPIO lines of a board
// that is wired back to itself.
struct RealLineOptions {
  std::uint64_t parts = 2'000;  // at least; the line runs on until all is done to its station
  std::uint64_t seed = 1;
  double parts_per_second = 100;
  std::string line;             // path of a line file; empty: the gate is at the camera
  std::uint64_t line_seed = 0;  // draws the line instead; 0: no
  std::string wiring;           // path of a wiring file: mode H
  std::string bundle;           // path
  std::string json;             // path; empty: none
  std::uint32_t kills = 0;      // SIGKILL to the station at random moments
  std::uint32_t freezes = 0;    // SIGSTOP for 3 s
  std::uint32_t stalls = 0;     // SIGSTOP for 5 to 400 ms
  std::uint32_t swaps = 0;      // orders to change the release, evenly over the run
  std::string swap_with;        // path of the other bundle
  int hogs = 0;                 // threads that do nothing but spin
  int relay_silence_ms = 2'000;
};

}  // namespace taktgate::rig

#endif  // TAKTGATE_RIG_REAL_OPTIONS_H_
