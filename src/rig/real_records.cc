#include "rig/real_records.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/file.h"
#include "base/json_text.h"

namespace taktgate::rig {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxBytes = std::size_t{4} << 30;

Duration Microseconds(const Json& line, const char* key) {
  return Duration(static_cast<Duration::rep>(std::llround(line.value(key, 0.0) * 1e3)));
}

// "BOOT-SEQUENCE".
bool ReadId(const Json& line, std::uint32_t& boot, std::uint64_t& sequence) {
  const std::string text = line.at("part").get<std::string>();
  const char* end = text.data() + text.size();
  const auto [dash, first] = std::from_chars(text.data(), end, boot);
  if (first != std::errc() || dash == end || *dash != '-') return false;
  const auto [rest, second] = std::from_chars(dash + 1, end, sequence);
  return second == std::errc() && rest == end;
}

PartRecord DecisionOf(const Json& line) {
  PartRecord part;
  part.released = line.at("released").get<bool>();
  part.reason = line.at("reason").get<std::string>();
  part.release = line.value("release", "");
  part.trigger_at = TimePoint(Duration(line.at("trigger_ns").get<Duration::rep>()));
  part.decided = Microseconds(line, "decided_us");
  part.issued = Microseconds(line, "issued_us");
  part.has_frame = line.contains("frame");
  part.answered = line.contains("verdict");
  part.score = line.value("score", 0.0);
  part.recovered = line.value("recovered", false);
  part.may_have_passed = line.value("may_have_passed", false);
  return part;
}

OrderRecord OrderOf(const Json& line) {
  OrderRecord order;
  order.order = line.at("order").get<std::string>();
  order.release = line.at("release").get<std::string>();
  order.at = TimePoint(Duration(line.at("at_ns").get<Duration::rep>()));
  return order;
}

bool Take(const Json& line, RecordedLine& all) {
  const std::string kind = line.at("kind").get<std::string>();
  if (kind == "decision") {
    PartRecord part = DecisionOf(line);
    if (!ReadId(line, part.boot, part.sequence)) return false;
    all.parts.push_back(std::move(part));
  } else if (kind == "late_verdict") {
    LateRecord late{.score = line.at("score").get<double>()};
    if (!ReadId(line, late.boot, late.sequence)) return false;
    all.late.push_back(late);
  } else if (kind == "pass_cut_short") {
    ++all.passes_cut_short;
  } else if (kind == "verified") {
    ++all.verified;
  } else if (kind == "order") {
    OrderRecord order = OrderOf(line);
    std::uint64_t parts = 0;
    if (!ReadId(line, order.boot, parts)) return false;
    all.orders.push_back(std::move(order));
  } else if (kind == "alarm") {
    ++all.alarms;
  } else if (kind == "restart") {
    ++all.unknown_restarts;
  } else {
    return false;
  }
  return true;
}

}  // namespace

Result<RecordedLine> ParseRecords(const std::string& text) {
  RecordedLine all;
  std::istringstream lines(text);
  std::uint64_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    bool taken = false;
    try {
      taken = Take(LooseJson(line), all);
    } catch (const Json::exception&) {
      taken = false;
    }
    if (!taken) {
      return Error{ErrorCode::kCorrupt, "line " + std::to_string(number) +
                                            " is no record of a station: " + line.substr(0, 120)};
    }
  }
  return all;
}

Result<RecordedLine> ReadRecords(const std::filesystem::path& path) {
  auto bytes = ReadFile(path, kMaxBytes);
  if (!bytes) return bytes.error().Within("records");
  return ParseRecords(std::string(bytes->begin(), bytes->end())).Within(path.string());
}

}  // namespace taktgate::rig
