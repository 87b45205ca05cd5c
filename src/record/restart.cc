#include "record/restart.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/json_text.h"

namespace taktgate::record {
namespace {

// No unit starts so often: a greater number is not ours, and must not use up those that are left.
constexpr std::uint32_t kMostBoots = 1U << 31;

// Any JSON may stand in a file that others can write to.
std::string TextAt(const nlohmann::ordered_json& line, const char* key) {
  const auto found = line.find(key);  // its end too, if it is not an object
  return found != line.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool IsAt(const std::filesystem::path& path, const FilePlace& place) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_dev == place.device &&
         info.st_ino == place.inode;
}

// nothing: the file was removed, or nothing was ever written.
std::optional<std::filesystem::path> FileAt(const std::filesystem::path& records,
                                            const FilePlace& place) {
  if (IsAt(records, place)) return records;
  std::error_code ignored;
  const auto folder = std::filesystem::absolute(records, ignored).parent_path();
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (IsAt(entry.path(), place)) return entry.path();
  }
  return std::nullopt;
}

// The parts that have a decision in the file's whole lines from there on.
Result<std::set<std::string>> DecidedFrom(const std::filesystem::path& path, std::uint64_t offset) {
  std::set<std::string> parts;
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) {
    return Error{ErrorCode::kIo, "record file " + path.string() + ": " + std::strerror(errno) +
                                     "; name a readable file in [record] file"};
  }
  const std::streamoff size = file.tellg();
  const auto from = static_cast<std::streamoff>(offset);
  file.seekg(from <= size ? from : 0);  // it was cut: where the lines are is not known
  for (std::string line; std::getline(file, line) && !file.eof();) {
    const auto record = LooseJson(line);
    if (TextAt(record, "kind") == "decision") parts.insert(TextAt(record, "part"));
  }
  return parts;
}

std::string LineOf(const FlightJournal::Entry& entry) {
  const bool decided = entry.stage == FlightJournal::Stage::kDecided;
  nlohmann::ordered_json line;
  line["kind"] = "decision";
  line["part"] = NameOf(entry.part);
  line["release"] = entry.release.substr(0, 12);
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

std::string RunInWords(std::uint32_t boot) {
  return "an earlier run (boot " + std::to_string(boot) + ") did not end with all its records";
}

std::string UnknownLine(std::uint32_t boot) {
  nlohmann::ordered_json line;
  line["kind"] = "restart";
  line["boot"] = boot;
  line["in_flight"] = nullptr;
  return JsonText(line);
}

}  // namespace

Result<MissingRecords> FindMissingRecords(const FlightJournal::Left& left,
                                          const std::filesystem::path& records) {
  MissingRecords missing;
  std::set<std::string> known;
  if (const auto path = FileAt(records, left.last_lines)) {
    auto found = DecidedFrom(*path, left.last_lines.offset);
    if (!found) return found.error();
    known = std::move(*found);
  }
  std::size_t in_flight = 0;
  for (const FlightJournal::Entry& entry : left.entries) {
    if (known.contains(NameOf(entry.part))) {
      missing.known.push_back(entry.part);
      continue;
    }
    in_flight += entry.stage == FlightJournal::Stage::kDecided ? 0 : 1;
    missing.lines.push_back({LineOf(entry), entry.part});
  }
  missing.notice = RunInWords(left.boot) + ": " + std::to_string(in_flight) +
                   " parts in flight are recorded as restart, " +
                   std::to_string(missing.lines.size() - in_flight) +
                   " decisions that were missing in the record are added";
  return missing;
}

MissingRecords RecordOfLostJournal(std::uint32_t boot) {
  return {{{UnknownLine(boot), {}}},
          {},
          RunInWords(boot) +
              ", and which parts were in flight then is not known; the wire "
              "rejected them. The last second of its records may be missing"};
}

std::uint32_t LastBootIn(const std::filesystem::path& records) {
  constexpr std::streamoff kTail = 1 << 16;
  std::uint32_t boot = 0;
  std::error_code failed;
  if (!std::filesystem::is_regular_file(records, failed)) return boot;
  std::ifstream file(records, std::ios::binary | std::ios::ate);
  const std::streamoff size = file.tellg();
  file.seekg(size > kTail ? size - kTail : 0);
  for (std::string line; std::getline(file, line);) {
    const std::string part = TextAt(LooseJson(line), "part");
    std::uint32_t number = 0;
    // 0 if there is none; a text ends with a zero.
    const char* rest = std::from_chars(part.data(), part.data() + part.size(), number).ptr;
    if (*rest == '-' && number <= kMostBoots) boot = std::max(boot, number);
  }
  return boot;
}

}  // namespace taktgate::record
