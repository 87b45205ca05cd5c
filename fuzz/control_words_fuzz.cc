#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "control/words.h"
#include "fuzz_target.h"

namespace taktgate::fuzz {
namespace {

void CheckLine(std::string_view line) {
  const auto order = control::ParseOrder(line);
  if (!order) {
    ExpectForAPerson(order.error());
    const std::string answer = control::LineOf(order.error());
    Expect(answer.find('\n') == std::string::npos, "an answer is one line");
    return Expect(LooseJson(answer).is_object(), "an answer is JSON");
  }
  const std::string written = control::LineOf(*order);
  const auto again = control::ParseOrder(written);
  Expect(again.has_value(), "an order that was taken is taken again");
  Expect(control::LineOf(*again) == written, "and is the same");
}

}  // namespace
}  // namespace taktgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  taktgate::fuzz::CheckLine(taktgate::fuzz::TextOf({data, size}));
  return 0;
}
