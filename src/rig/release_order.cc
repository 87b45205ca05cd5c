#include "rig/release_order.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "control/socket.h"
#include "control/words.h"

namespace taktgate::rig {
namespace {

// The station itself says when it gives up; this is for one that stands still.
constexpr auto kToChange = std::chrono::minutes(2);
constexpr const char* kWhoOrders = "linesim";

}  // namespace

Result<std::uint64_t> OrderRelease(const std::filesystem::path& state,
                                   const std::filesystem::path& bundle) {
  control::OrderLine given;
  given.order.kind = control::Order::Kind::kRelease;
  given.order.name = gate::event::ShortName(kWhoOrders);
  given.bundle = bundle.string();
  const auto said = control::AskStation(state, control::LineOf(given), kToChange);
  if (!said) return said.error();
  const nlohmann::ordered_json answer = LooseJson(*said);
  const auto cut_off = answer.find("cut_off");
  if (answer.is_object() && answer.value("taken", false) && cut_off != answer.end() &&
      cut_off->is_number_unsigned()) {
    return cut_off->get<std::uint64_t>();
  }
  const bool refused = answer.is_object() && answer.contains("error");
  return Error{ErrorCode::kWrongState,
               refused ? answer.value("error", "")
                       : "expected the answer to an order `release`, got " + *said};
}

}  // namespace taktgate::rig
