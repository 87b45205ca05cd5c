#ifndef TAKTGATE_SESSION_END_REPORT_H_
#define TAKTGATE_SESSION_END_REPORT_H_

#include <string>

#include "session/line_session.h"

// What a line has done, once it is over.
namespace taktgate::session {

std::string EndText(const LineSession& session);
// The same counts as one JSON object (docs/command-line.md).
std::string EndJson(const LineSession& session);

}  // namespace taktgate::session

#endif  // TAKTGATE_SESSION_END_REPORT_H_
