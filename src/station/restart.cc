#include "station/restart.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "base/json_text.h"

namespace taktgate::station {
namespace {

constexpr std::streamoff kTail = 8 << 20;

// The parts that have a decision in the last lines of the file.
Result<std::set<std::string>> DecidedIn(const std::filesystem::path& path) {
  std::set<std::string> parts;
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) return parts;  // none yet, or a pipe
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) {
    return Error{ErrorCode::kIo, "record file " + path.string() + ": " + std::strerror(errno) +
                                     "; name a readable file in [record] file"};
  }
  const std::streamoff size = file.tellg();
  file.seekg(size > kTail ? size - kTail : 0);
  for (std::string line; std::getline(file, line);) {
    const auto record = LooseJson(line);
    if (!record.is_object() || record.value("kind", "") != "decision") continue;
    parts.insert(record.value("part", ""));
  }
  return parts;
}

std::string LineOf(const FlightJournal::Entry& entry, const std::string& release) {
  const bool decided = entry.stage == FlightJournal::Stage::kDecided;
  nlohmann::ordered_json line;
  line["kind"] = "decision";
  line["part"] = NameOf(entry.part);
  line["release"] = release.substr(0, 12);
  line["released"] = decided && entry.released;
  line["reason"] = judge::ToString(decided ? entry.reason : judge::Reason::kRestart);
  line["trigger_ns"] = entry.trigger_at.time_since_epoch().count();
  if (decided) {
    line["decided_us"] = static_cast<double>((entry.decided_at - entry.trigger_at).count()) / 1e3;
  }
  if (entry.stage == FlightJournal::Stage::kPassing) line["may_have_passed"] = true;
  line["recovered"] = true;
  return JsonText(line);
}

std::string UnknownLine(std::uint32_t boot) {
  nlohmann::ordered_json line;
  line["kind"] = "restart";
  line["boot"] = boot;
  line["in_flight"] = nullptr;
  return JsonText(line);
}

}  // namespace

Result<Owed> WhatIsOwed(const FlightJournal::Left& left, const std::filesystem::path& records) {
  Owed owed;
  const std::string run = "the run before this one (boot " + std::to_string(left.boot) + ")";
  if (left.ending == FlightJournal::Left::Ending::kUnknown) {
    owed.lines.push_back(UnknownLine(left.boot));
    owed.notice = run +
                  " did not end by itself, and which parts were in flight then is not known; "
                  "the wire rejected them";
  }
  if (left.ending != FlightJournal::Left::Ending::kCrash) return owed;
  const auto known = DecidedIn(records);
  if (!known) return known.error();
  for (const FlightJournal::Entry& entry : left.entries) {
    if (known->contains(NameOf(entry.part))) continue;
    ++(entry.stage == FlightJournal::Stage::kDecided ? owed.decided : owed.in_flight);
    owed.lines.push_back(LineOf(entry, left.release));
  }
  owed.notice = run + " did not end by itself: " + std::to_string(owed.in_flight) +
                " parts in flight are recorded as restart, " + std::to_string(owed.decided) +
                " decisions that were missing in the record are added";
  return owed;
}

}  // namespace taktgate::station
