#ifndef TAKTGATE_APPS_LINESIM_H_
#define TAKTGATE_APPS_LINESIM_H_

#include <cstdint>
#include <string>
#include <vector>

namespace taktgate::apps {

// The options of `taktgate linesim`; what each mode makes of them is in its own file.
struct LinesimOptions {
  std::uint64_t parts = 100'000;
  std::uint64_t seed = 1;
  std::string line;             // path; empty: that of the fault scripts, or the default
  std::uint64_t line_seed = 0;  // draws line and stalls; 0: no
  std::vector<std::string> faults;
  std::string json;  // path; empty: none
};

}  // namespace taktgate::apps

#endif  // TAKTGATE_APPS_LINESIM_H_
