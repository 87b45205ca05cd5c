#ifndef TAKTGATE_APPS_CONSOLE_H_
#define TAKTGATE_APPS_CONSOLE_H_

#include <string>
#include <string_view>

#include "apps/commands.h"
#include "base/dropping_writer.h"
#include "base/result.h"
#include "record/records.h"

namespace taktgate::apps {

// Standard output and standard error of a command that runs a line. A reader that does not read
// them, or a held terminal, does not hold up the line.
//
// Threads: any.
class Console {
 public:
  // What a notice begins with, as "taktgate: ".
  explicit Console(std::string_view before_notice) : before_notice_(before_notice) {}

  void Print(std::string_view text) { out_.Write(text); }
  // Over the line before; kept only where somebody watches.
  void PrintLive(std::string_view text) { out_.WriteIfIdle(text); }
  // For all threads of a line.
  record::Notice notice() {
    return [this](std::string_view text) { err_.Write(before_notice_ + std::string(text) + "\n"); };
  }
  // As apps::Refuse.
  int Refuse(const Error& error, ExitCode code = kExitBadInput) {
    err_.Write("taktgate: error: " + error.message + "\n");
    return code;
  }
  void Flush() {
    out_.Flush();
    err_.Flush();
  }

 private:
  const std::string before_notice_;
  DroppingWriter out_{1};
  DroppingWriter err_{2};
};

}  // namespace taktgate::apps

#endif  // TAKTGATE_APPS_CONSOLE_H_
