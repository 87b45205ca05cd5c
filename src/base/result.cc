#include "base/result.h"

namespace taktgate {

std::string_view ToString(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kInvalid:
      return "invalid";
    case ErrorCode::kCorrupt:
      return "corrupt";
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kTimeout:
      return "timeout";
    case ErrorCode::kWrongState:
      return "wrong_state";
    case ErrorCode::kUnsupported:
      return "unsupported";
    case ErrorCode::kInternal:
      return "internal";
  }
  return "internal";
}

Error Invalid(std::string message) { return {ErrorCode::kInvalid, std::move(message)}; }

Error Invalid(std::string_view where, std::string_view what) {
  return Invalid(std::string(what)).Within(where);
}

}  // namespace taktgate
