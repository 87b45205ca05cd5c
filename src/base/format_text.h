#ifndef TAKTGATE_BASE_FORMAT_TEXT_H_
#define TAKTGATE_BASE_FORMAT_TEXT_H_

#include <string>

namespace taktgate {

// What std::printf would print, of any length. For reports and messages; it allocates.
__attribute__((format(printf, 1, 2))) std::string Format(const char* format, ...);

}  // namespace taktgate

#endif  // TAKTGATE_BASE_FORMAT_TEXT_H_
