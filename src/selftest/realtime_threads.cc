#include "selftest/realtime_threads.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "selftest/system_files.h"

namespace taktgate::selftest {
namespace {

using std::filesystem::path;

constexpr double kTooMuch = 0.8;  // of one core
constexpr double kMuch = 0.5;

std::string PolicyName(int policy) {
  switch (policy) {
    case 1:
      return "FIFO";
    case 2:
      return "RR";
    case 6:
      return "DEADLINE";
    default:
      return {};
  }
}

// man proc: the name stands in parentheses and may hold any character, so the last one ends it.
std::optional<RealtimeThread> ParseStat(const std::string& stat) {
  const auto open = stat.find('('), close = stat.rfind(')');
  if (open == std::string::npos || close == std::string::npos) return std::nullopt;
  RealtimeThread thread;
  thread.thread = std::atoi(stat.c_str());
  thread.name = stat.substr(open + 1, close - open - 1);
  std::istringstream fields(stat.substr(close + 1));
  std::string field;
  for (int number = 3; fields >> field; ++number) {
    if (number == 14 || number == 15) thread.ticks += std::strtoull(field.c_str(), nullptr, 10);
    if (number == 40) thread.priority = std::atoi(field.c_str());
    if (number == 41) thread.policy = PolicyName(std::atoi(field.c_str()));
  }
  if (thread.policy.empty()) return std::nullopt;
  return thread;
}

const RealtimeThread* Find(const std::vector<RealtimeThread>& threads, int thread) {
  for (const RealtimeThread& one : threads) {
    if (one.thread == thread) return &one;
  }
  return nullptr;
}

std::string Percent(double share) {
  char text[16];
  std::snprintf(text, sizeof text, "%.0f %%", 100 * share);
  return text;
}

std::string Naming(const RealtimeThread& thread) {
  return "thread \"" + thread.name + "\" (" + std::to_string(thread.thread) + ") of process \"" +
         thread.process_name + "\" (" + std::to_string(thread.process) + "), " + thread.policy +
         " " + std::to_string(thread.priority);
}

}  // namespace

std::vector<RealtimeThread> RealtimeThreads(const path& root) {
  std::vector<RealtimeThread> threads;
  for (const path& process : NumberedEntries(root / "proc", "")) {
    for (const path& task : NumberedEntries(process / "task", "")) {
      const auto stat = ReadSmallFile(task / "stat");
      auto thread = stat ? ParseStat(*stat) : std::nullopt;
      if (!thread) continue;
      thread->process = std::atoi(process.filename().c_str());
      thread->process_name = ReadSmallFile(process / "comm").value_or("");
      threads.push_back(std::move(*thread));
    }
  }
  return threads;
}

Point RealtimeShare(const std::vector<RealtimeThread>& before,
                    const std::vector<RealtimeThread>& after, Duration between,
                    long ticks_per_second) {
  const double possible =
      std::chrono::duration<double>(between).count() * static_cast<double>(ticks_per_second);
  double most = 0;
  std::string busiest;
  for (const RealtimeThread& thread : after) {
    const RealtimeThread* earlier = Find(before, thread.thread);
    const std::uint64_t start = earlier != nullptr ? earlier->ticks : 0;
    const double share =
        static_cast<double>(thread.ticks - std::min(start, thread.ticks)) / std::max(1.0, possible);
    if (share <= most) continue;
    most = share;
    busiest = Naming(thread);
  }
  if (busiest.empty()) {
    return {"real-time threads", Standing::kOk,
            std::to_string(after.size()) + " seen, none used measurable time", ""};
  }
  const std::string found = "busiest: " + busiest + ", used " + Percent(most) + " of a core";
  if (most < kMuch) return {"real-time threads", Standing::kOk, found, ""};
  return {"real-time threads", most < kTooMuch ? Standing::kWarn : Standing::kFail, found,
          "stop it or take its real-time policy away (chrt -o -p 0 " +
              busiest.substr(busiest.find('(') + 1, busiest.find(')') - busiest.find('(') - 1) +
              "): the kernel stops real-time threads for 50 ms of every second that they fill"};
}

}  // namespace taktgate::selftest
