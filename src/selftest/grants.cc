#include "selftest/grants.h"

#include <charconv>
#include <string>

#include "record/line_report.h"
#include "selftest/system_files.h"
#include "station/realtime.h"

namespace taktgate::selftest {
namespace {

std::string PrioritiesOf(const std::vector<station::ThreadPlan>& plans) {
  std::string text;
  for (const station::ThreadPlan& plan : plans) {
    text +=
        (text.empty() ? "" : ", ") + std::string(plan.name) + " " + std::to_string(plan.priority);
  }
  return text;
}

// The runtime makes its further threads itself; nothing is asked for them.
std::string FurtherThreads(int threads) {
  return "; " + std::to_string(threads - 1) + " further thread(s) of the runtime are ordinary ones";
}

Point Priorities(const session::StationFile& file, int threads,
                 const std::vector<station::ThreadGrant>& grants) {
  const std::string name = "thread priorities";
  if (!file.station.realtime_threads) {
    return {name, Standing::kWarn, "ordinary threads: [realtime] threads = false",
            "leave threads out: any program may hold a decision up"};
  }
  std::string refused;
  for (const station::ThreadGrant& grant : grants) {
    if (grant.priority_refused.empty()) continue;
    refused += (refused.empty() ? "" : ", ") + std::string(grant.plan.name);
  }
  if (!refused.empty()) {
    return {name, Standing::kFail, "SCHED_FIFO is refused for " + refused, station::kAllowPriority};
  }
  const std::string found = "SCHED_FIFO " + PrioritiesOf(station::ThreadPlansOf(file.station));
  if (threads == 1) return {name, Standing::kOk, found, ""};
  return {name, Standing::kWarn, found + FurtherThreads(threads),
          "[inference] threads = 1, unless more are shown to help"};
}

Point Core(const station::ThreadGrant& grant, const std::set<int>& isolated) {
  const std::string name = grant.plan.name + std::string(" core");
  const int core = *grant.plan.core;
  const std::string number = std::to_string(core);
  if (!grant.core_refused.empty()) {
    return {
        name, Standing::kFail, "not granted: " + grant.core_refused,
        "name one that this process may use: " + station::CoresInWords(station::AllowedCores())};
  }
  if (isolated.contains(core)) return {name, Standing::kOk, "core " + number + ", isolated", ""};
  return {name, Standing::kWarn, "core " + number + ", not isolated: other programs run there, too",
          "boot with isolcpus=managed_irq,domain," + number + ", or leave [realtime] " +
              grant.plan.name + "_core out"};
}

void AddCores(const std::vector<station::ThreadGrant>& grants, const std::filesystem::path& root,
              std::vector<Point>& points) {
  const auto listed = ReadSmallFile(root / "sys/devices/system/cpu/isolated");
  const std::set<int> isolated = ParseCoreList(listed.value_or(""));
  bool any = false;
  for (const station::ThreadGrant& grant : grants) {
    if (!grant.plan.core) continue;
    any = true;
    points.push_back(Core(grant, isolated));
  }
  if (any) return;
  points.push_back({"thread cores", Standing::kNotApplicable,
                    "no thread is kept on a core ([realtime] gate_core and others)", ""});
}

Point StrictStart(const session::StationFile& file,
                  const std::vector<station::ThreadGrant>& grants) {
  const std::string name = "strict start";
  if (!file.station.strict_realtime) {
    return {name, Standing::kNotApplicable,
            "not asked for: the station says what is refused, and runs", ""};
  }
  std::vector<std::string> refused = station::RefusedThings(grants);
  if (file.station.lock_memory) {
    if (Status allowed = station::MayLockMemory(); !allowed)
      refused.push_back(allowed.error().message);
  }
  if (refused.empty()) return {name, Standing::kOk, "all that it needs is granted", ""};
  std::string found = "would be refused";
  for (const std::string& thing : refused) found += "; " + thing;
  return {name, Standing::kFail, found, "allow what is named, or take [realtime] strict out"};
}

Point Warmth(const session::StationFile& file) {
  const Duration every = file.station.keep_warm;
  if (every == Duration(0)) {
    return {"keep warm", Standing::kNotApplicable, "off ([inference] keep_warm)", ""};
  }
  return {"keep warm", Standing::kOk,
          "the model runs when no part came for " + record::InMilliseconds(every), ""};
}

}  // namespace

std::set<int> ParseCoreList(std::string_view text) {
  std::set<int> cores;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    int first = 0;
    auto read = std::from_chars(at, end, first);
    int last = first;
    if (read.ec == std::errc() && read.ptr != end && *read.ptr == '-') {
      read = std::from_chars(read.ptr + 1, end, last);
    }
    if (read.ec != std::errc() || last < first || last > 4095) return {};
    for (int core = first; core <= last; ++core) cores.insert(core);
    at = read.ptr != end && *read.ptr == ',' ? read.ptr + 1 : end;
  }
  return cores;
}

std::vector<Point> LookAtGrants(const session::StationFile& file, int threads,
                                const std::filesystem::path& root) {
  const std::vector<station::ThreadGrant> grants =
      station::TryOut(station::ThreadPlansOf(file.station));
  std::vector<Point> points = {Priorities(file, threads, grants)};
  AddCores(grants, root, points);
  points.push_back(StrictStart(file, grants));
  points.push_back(Warmth(file));
  return points;
}

}  // namespace taktgate::selftest
