#include "apps/end_of_line.h"

#include <cstdlib>

#include "apps/commands.h"

namespace taktgate::apps {

int EndOfLine(const session::LineSession& session, const Status& ended, Console& console) {
  const int code = ended ? kExitOk : console.Refuse(ended.error(), kExitLineFault);
  if (session.thread_lost()) {
    console.Flush();
    std::_Exit(code);
  }
  return code;
}

}  // namespace taktgate::apps
