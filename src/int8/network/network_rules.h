#ifndef TAKTGATE_INT8_NETWORK_RULES_H_
#define TAKTGATE_INT8_NETWORK_RULES_H_

#include "base/result.h"
#include "int8/network/network.h"

namespace taktgate::int8 {

// What holds between the operations of a network (docs/int8.md, 3 and 4): each reads what an
// earlier one has made, sizes follow from each other, no sum overflows, no product leaves the range
// of the rounding. The sizes of the operations' spans are not looked at here. invalid: the first
// operation that breaks a rule, by its number from 0.
Status CheckNetwork(const Network& network);

// How many weights, biases, multipliers and bytes of tables an operation of such tensors has.
struct Parts {
  std::size_t weights = 0;
  std::size_t biases = 0;
  std::size_t multipliers = 0;
  std::size_t table = 0;
};
Parts PartsOf(const Network& network, const Operation& operation, bool has_table);

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_NETWORK_RULES_H_
