#ifndef TAKTGATE_CONTROL_WORDS_H_
#define TAKTGATE_CONTROL_WORDS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "control/orders.h"

namespace taktgate::control {

// Orders and their answers as lines of JSON on the control socket (docs/station-file.md).

inline constexpr std::uint32_t kMaxChallengeParts = 10'000;

inline constexpr std::size_t kMaxBundlePath = 512;

// An order as it is given; what the gate thread is told of it is only `order`.
struct OrderLine {
  Order order;
  std::string bundle;  // of `release`: the file, by its absolute path
};

// invalid: which key, what was expected, what was given.
Result<OrderLine> ParseOrder(std::string_view line);
std::string LineOf(const OrderLine& line);

// Who a station is, apart from what its gate thread knows.
struct StationName {
  std::string name;
  std::uint32_t boot = 0;
  std::string release;  // "name version (id)"
  std::string engine;   // that it runs on: "taktgate/avx2"
};

// `answer` is nothing when the gate thread did not answer.
std::string LineOf(const Order& order, const std::optional<OrderAnswer>& answer,
                   const StationName& station);
std::string LineOf(const Error& refused);

}  // namespace taktgate::control

#endif  // TAKTGATE_CONTROL_WORDS_H_
