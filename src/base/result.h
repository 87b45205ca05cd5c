#ifndef TAKTGATE_BASE_RESULT_H_
#define TAKTGATE_BASE_RESULT_H_

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace taktgate {

enum class ErrorCode {
  kNotFound,
  kInvalid,  // the input breaks a rule that its author must mend
  kCorrupt,  // the input was right once and is not any more
  kIo,       // the system refused or failed
  kTimeout,
  kWrongState,   // right call, wrong moment
  kUnsupported,  // sound, but not by this version
  kInternal,     // a bug of ours
};

std::string_view ToString(ErrorCode code);

// What went wrong, in words for the person who can mend it: what was expected, what was given, what
// to do. Callers put context in front on the way up: "activate a1b2: read manifest: size 0".
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;

  [[nodiscard]] Error Within(std::string_view context) const {
    return {code, std::string(context) + ": " + message};
  }
};

// The commonest error: kInvalid with this message, or with "where: what".
Error Invalid(std::string message);
Error Invalid(std::string_view where, std::string_view what);

// A value or an Error. The members are those of std::expected, so that C++23 can replace it.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  // Reading the side that is not there is a bug and aborts: a verdict must never be made of it.
  T& value() & { return Checked<0>(state_); }
  const T& value() const& { return Checked<0>(state_); }
  T&& value() && { return std::move(Checked<0>(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const { return Checked<1>(state_); }

  // The same result, with `context` in front of an error's message.
  Result Within(std::string_view context) && {
    if (has_value()) return std::move(*this);
    return error().Within(context);
  }

 private:
  template <std::size_t kIndex, typename State>
  static auto& Checked(State& state) {
    auto* side = std::get_if<kIndex>(&state);
    if (side == nullptr) std::abort();
    return *side;
  }

  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  const Error& error() const {
    if (!error_) std::abort();
    return *error_;
  }
  Result Within(std::string_view context) && {
    if (has_value()) return {};
    return error_->Within(context);
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace taktgate

#endif  // TAKTGATE_BASE_RESULT_H_
