#ifndef TAKTGATE_BASE_JSON_TEXT_H_
#define TAKTGATE_BASE_JSON_TEXT_H_

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace taktgate {

// JSON as text and back. The library's own parse() and dump() are compiled anew, for seconds, in
// each file that calls them; these are compiled once.

// On one line, or with `indent` spaces for each level. Bytes that are no UTF-8 are replaced.
std::string JsonText(const nlohmann::ordered_json& json, int indent = -1);

// Text that is not JSON gives a value for which is_discarded() holds, and which is no object.
nlohmann::ordered_json LooseJson(std::string_view text);

}  // namespace taktgate

#endif  // TAKTGATE_BASE_JSON_TEXT_H_
