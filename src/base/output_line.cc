#include "base/output_line.h"

#include <algorithm>
#include <cctype>

namespace taktgate {

std::string_view ToString(OutputLine line) {
  switch (line) {
    case OutputLine::kPass:
      return "PASS";
    case OutputLine::kValid:
      return "VALID";
    case OutputLine::kReady:
      return "READY";
    case OutputLine::kHeartbeat:
      return "HEARTBEAT";
    case OutputLine::kLineStop:
      return "LINE_STOP";
    case OutputLine::kGreen:
      return "GREEN";
    case OutputLine::kAmber:
      return "AMBER";
    case OutputLine::kRed:
      return "RED";
  }
  return "unknown line";
}

std::string KeyOf(OutputLine line) {
  std::string key(ToString(line));
  std::transform(key.begin(), key.end(), key.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return key;
}

}  // namespace taktgate
