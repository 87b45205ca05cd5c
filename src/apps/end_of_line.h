#ifndef TAKTGATE_APPS_END_OF_LINE_H_
#define TAKTGATE_APPS_END_OF_LINE_H_

#include "apps/console.h"
#include "base/result.h"
#include "session/line_session.h"

namespace taktgate::apps {

// The exit code of a line that ended so. Prints a fault's message. Where a thread was lost, which
// still uses the session, it ends the process instead of returning.
int EndOfLine(const session::LineSession& session, const Status& ended, Console& console);

}  // namespace taktgate::apps

#endif  // TAKTGATE_APPS_END_OF_LINE_H_
