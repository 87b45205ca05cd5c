#include "control/words.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_text.h"
#include "base/utf8.h"

namespace taktgate::control {
namespace {

using Json = nlohmann::ordered_json;

std::optional<Order::Kind> KindOf(const std::string& word) {
  using Kind = Order::Kind;
  for (const Kind kind : {Kind::kLook, Kind::kAcknowledge, Kind::kStart, Kind::kStop,
                          Kind::kChallenge, Kind::kRelease}) {
    if (word == ToString(kind)) return kind;
  }
  return std::nullopt;
}

bool IsName(const std::string& name) {
  const auto printable = [](char letter) {
    const auto code = static_cast<unsigned char>(letter);
    return code >= 0x20 && code != 0x7F;
  };
  const bool blank = std::all_of(name.begin(), name.end(), [](char c) { return c == ' '; });
  return !blank && name.size() <= 48 && std::all_of(name.begin(), name.end(), printable);
}

// ", got 7": what an order says there instead.
std::string Got(const Json& line, const char* key) {
  const auto value = line.find(key);
  if (value == line.end()) return ", got nothing";
  if (value->is_string()) return ", got " + Quoted(value->get_ref<const std::string&>());
  return ", got " + Printable(JsonText(*value), 80);
}

Result<std::string> BundleOf(const Json& line) {
  const auto bundle = line.find("bundle");
  const std::string path =
      bundle != line.end() && bundle->is_string() ? bundle->get<std::string>() : std::string();
  if (path.starts_with('/') && path.size() <= kMaxBundlePath &&
      path.find('\0') == std::string::npos) {
    return path;
  }
  return Invalid("bundle: expected the absolute path of a bundle, at most " +
                 std::to_string(kMaxBundlePath) + " bytes" + Got(line, "bundle") +
                 "; give the path from the root on");
}

Result<OrderLine> OrderOf(const Json& line) {
  for (const auto& [key, value] : line.items()) {
    if (key != "order" && key != "name" && key != "parts" && key != "bundle") {
      return Invalid("unknown key " + Quoted(key) + "; known: order, name, parts, bundle");
    }
  }
  const auto word = line.find("order");
  const auto kind =
      word != line.end() && word->is_string() ? KindOf(word->get<std::string>()) : std::nullopt;
  if (!kind) {
    return Invalid("order: expected one of status, ack, start, stop, challenge, release" +
                   Got(line, "order") + "; give one of these");
  }
  Order order;
  order.kind = *kind;
  if (*kind == Order::Kind::kLook) return OrderLine{order, {}};
  const auto name = line.find("name");
  if (name == line.end() || !name->is_string() || !IsName(name->get<std::string>())) {
    return Invalid("name: expected who gives the order, 1 to 48 printable bytes" +
                   Got(line, "name") + "; give a name");
  }
  order.name = gate::event::ShortName(name->get<std::string>());
  if (*kind == Order::Kind::kRelease) {
    auto bundle = BundleOf(line);
    if (!bundle) return bundle.error();
    return OrderLine{order, std::move(*bundle)};
  }
  if (*kind != Order::Kind::kChallenge) return OrderLine{order, {}};
  const auto parts = line.find("parts");
  if (parts == line.end() || !parts->is_number_unsigned() || *parts == 0U ||
      *parts > kMaxChallengeParts) {
    return Invalid("parts: expected a whole number from 1 to " +
                   std::to_string(kMaxChallengeParts) + Got(line, "parts") +
                   "; give how many are to be checked");
  }
  order.parts = parts->get<std::uint32_t>();
  return OrderLine{order, {}};
}

std::string WhyNotTaken(const Order& order, const OrderAnswer& answer) {
  const std::string state = "the station is in " + std::string(gate::ToString(answer.state));
  switch (order.kind) {
    case Order::Kind::kStart:
      return "start: " + state + ", and starts only from Initialized or Ready";
    case Order::Kind::kStop:
      return "stop: " + state + ", and stops only from an execution";
    case Order::Kind::kChallenge:
      return "challenge: " + state +
             ", and accepts a challenge only in an execution; start it first";
    case Order::Kind::kAcknowledge:
    case Order::Kind::kLook:
    case Order::Kind::kRelease:
      break;
  }
  return std::string(ToString(order.kind)) + ": not taken";
}

Json AlarmsOf(const OrderAnswer& answer) {
  Json alarms = Json::object();
  for (std::size_t kind = 0; kind < answer.alarms.size(); ++kind) {
    if (answer.alarms[kind] == gate::Severity::kCalm) continue;
    alarms[std::string(gate::ToString(static_cast<gate::AlarmKind>(kind)))] =
        gate::ToString(answer.alarms[kind]);
  }
  return alarms;
}

}  // namespace

Result<OrderLine> ParseOrder(std::string_view line) {
  const Json parsed = LooseJson(line);
  if (!parsed.is_object()) {
    return Invalid("expected one object of JSON, got " +
                   (parsed.is_discarded() ? Quoted(line) : Printable(JsonText(parsed), 80)) +
                   "; write an order as {\"order\": \"status\"}");
  }
  return OrderOf(parsed);
}

std::string LineOf(const OrderLine& given) {
  const Order& order = given.order;
  Json line;
  line["order"] = ToString(order.kind);
  if (order.name.size != 0) line["name"] = order.name.view();
  if (order.parts != 0) line["parts"] = order.parts;
  if (!given.bundle.empty()) line["bundle"] = given.bundle;
  return JsonText(line);
}

std::string LineOf(const Order& order, const std::optional<OrderAnswer>& answer,
                   const StationName& station) {
  if (!answer)
    return LineOf(Error{
        ErrorCode::kTimeout,
        "the station did not take the order in time, and it will not be obeyed; give it again"});
  Json line;
  line["taken"] = answer->taken;
  if (!answer->taken) line["error"] = WhyNotTaken(order, *answer);
  line["station"] = station.name;
  line["boot"] = station.boot;
  line["release"] = station.release;
  line["engine"] = station.engine;
  line["state"] = gate::ToString(answer->state);
  line["severity"] = gate::ToString(answer->severity);
  line["alarms"] = AlarmsOf(*answer);
  line["parts"] = answer->counts.parts;
  line["released"] = answer->counts.released;
  line["rejected"] = answer->counts.rejected;
  if (order.kind == Order::Kind::kRelease) line["cut_off"] = answer->cut_off;
  if (const gate::ChallengeResult& challenge = answer->challenge; challenge.asked != 0) {
    line["challenge"] = {{"asked", challenge.asked},
                         {"rejected", challenge.rejected},
                         {"missed", challenge.missed},
                         {"unproven", challenge.unproven},
                         {"passed", challenge.passed()}};
  }
  return JsonText(line);
}

std::string LineOf(const Error& refused) {
  Json line;
  line["taken"] = false;
  line["error"] = refused.message;
  return JsonText(line);
}

}  // namespace taktgate::control
