#ifndef TAKTGATE_BASE_UTF8_H_
#define TAKTGATE_BASE_UTF8_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace taktgate {

// The position of the first byte that is not well-formed UTF-8 (overlong forms and surrogates are
// not), or npos.
std::size_t FindBadUtf8(std::string_view text);

// Text from outside, fit for a message: at most `longest` bytes, control characters and bytes that
// are no UTF-8 as `?`.
std::string Printable(std::string_view text, std::size_t longest);

// The same in quotes, short.
std::string Quoted(std::string_view text);

}  // namespace taktgate

#endif  // TAKTGATE_BASE_UTF8_H_
