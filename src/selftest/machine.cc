#include "selftest/machine.h"

#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <utility>

#include "selftest/system_files.h"
#include "station/realtime.h"

namespace taktgate::selftest {
namespace {

using std::filesystem::path;

constexpr char kCpus[] = "sys/devices/system/cpu";

Point NotShown(std::string name, std::string why) {
  return {std::move(name), Standing::kNotApplicable, std::move(why), ""};
}

std::string Joined(const std::set<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Point Kernel(const path& root) {
  const auto version = ReadSmallFile(root / "proc/version");
  if (!version) return NotShown("kernel", "/proc/version cannot be read");
  const bool marked = ReadNumber(root / "sys/kernel/realtime") == 1;
  const auto release = version->substr(0, version->find(" ("));
  if (marked || version->find("PREEMPT_RT") != std::string::npos) {
    return {"kernel", Standing::kOk, "PREEMPT_RT, " + release, ""};
  }
  return {"kernel", Standing::kWarn, "not PREEMPT_RT: " + release,
          "install the real-time kernel (Debian: linux-image-rt-arm64) and boot it"};
}

Point Governor(const path& root) {
  std::set<std::string> governors;
  for (const path& cpu : NumberedEntries(root / kCpus, "cpu")) {
    if (const auto governor = ReadSmallFile(cpu / "cpufreq/scaling_governor")) {
      governors.insert(*governor);
    }
  }
  if (governors.empty()) return NotShown("CPU governor", "no frequency control is shown");
  if (governors == std::set<std::string>{"performance"}) {
    return {"CPU governor", Standing::kOk, "performance on every core", ""};
  }
  return {"CPU governor", Standing::kWarn, Joined(governors),
          "cpupower frequency-set -g performance, at every boot"};
}

Point Frequency(const path& root) {
  std::int64_t limit = 0, most = 0;
  for (const path& cpu : NumberedEntries(root / kCpus, "cpu")) {
    const auto allowed = ReadNumber(cpu / "cpufreq/scaling_max_freq");
    const auto possible = ReadNumber(cpu / "cpufreq/cpuinfo_max_freq");
    if (!allowed || !possible || *possible <= 0) continue;
    if (most == 0 || *allowed * most < limit * *possible) {
      limit = *allowed;
      most = *possible;
    }
  }
  if (most == 0) return NotShown("CPU frequency", "no frequency is shown");
  const std::string found = "limit " + std::to_string(limit / 1000) + " MHz of " +
                            std::to_string(most / 1000) + " MHz, the most capped core";
  if (limit >= most) return {"CPU frequency", Standing::kOk, found, ""};
  return {"CPU frequency", Standing::kWarn, found,
          "a cap slows every inspection: look for heat, a weak supply or a power profile"};
}

Point IdleStates(const path& root) {
  constexpr std::int64_t kLongExitUs = 100;
  std::int64_t longest = -1;
  std::string name;
  for (const path& cpu : NumberedEntries(root / kCpus, "cpu")) {
    for (const path& state : NumberedEntries(cpu / "cpuidle", "state")) {
      const auto exit = ReadNumber(state / "latency");
      if (!exit || ReadNumber(state / "disable").value_or(0) != 0 || *exit <= longest) continue;
      longest = *exit;
      name = ReadSmallFile(state / "name").value_or("");
    }
  }
  if (longest < 0) return NotShown("idle states", "no idle states are shown");
  const std::string found =
      "deepest enabled " + name + ", " + std::to_string(longest) + " us to leave it";
  if (longest <= kLongExitUs) return {"idle states", Standing::kOk, found, ""};
  return {"idle states", Standing::kWarn, found,
          "disable deep states (cpupower idle-set -D 100) or hold /dev/cpu_dma_latency open"};
}

Point Throttling(const path& root) {
  const auto runtime = ReadNumber(root / "proc/sys/kernel/sched_rt_runtime_us");
  const auto period = ReadNumber(root / "proc/sys/kernel/sched_rt_period_us");
  if (!runtime || !period || *period <= 0) {
    return NotShown("real-time throttling", "the kernel does not show its limit");
  }
  if (*runtime < 0) {
    return {"real-time throttling", Standing::kWarn, "switched off",
            "sysctl kernel.sched_rt_runtime_us=950000: without it a spinning thread takes a core "
            "for ever"};
  }
  const std::string found = "real-time threads may use " + std::to_string(*runtime / 1000) +
                            " ms of every " + std::to_string(*period / 1000) + " ms";
  if (*runtime == 0) {
    return {"real-time throttling", Standing::kFail, found,
            "sysctl kernel.sched_rt_runtime_us=950000"};
  }
  return {"real-time throttling", Standing::kOk, found + "; the station must stay under 80 % of it",
          ""};
}

Point MemoryLock(const path& root) {
  if (station::MayLockWithoutLimit(root)) {
    return {"memory lock", Standing::kOk, "allowed without a limit (CAP_IPC_LOCK)", ""};
  }
  const auto limits = ReadSmallFile(root / "proc/self/limits");
  const auto limit = limits ? ValueOfLine(*limits, "Max locked memory") : std::nullopt;
  if (!limit) return NotShown("memory lock", "the limit is not shown");
  const std::string soft = limit->substr(0, limit->find(' '));
  if (soft == "unlimited") return {"memory lock", Standing::kOk, "allowed without a limit", ""};
  return {"memory lock", Standing::kWarn, "at most " + soft + " bytes; the station runs unlocked",
          "LimitMEMLOCK=infinity in the service, or ulimit -l unlimited"};
}

Point Swap(const path& root) {
  const auto swaps = ReadSmallFile(root / "proc/swaps");
  if (!swaps) return NotShown("swap", "this kernel has no swap");
  const auto first = swaps->find('\n');
  if (first == std::string::npos) return {"swap", Standing::kOk, "none in use", ""};
  const std::string device =
      swaps->substr(first + 1, swaps->find_first_of(" \t", first + 1) - first - 1);
  return {"swap", Standing::kWarn, "in use: " + device,
          "swapoff -a, and take it out of /etc/fstab: a page that comes back takes longer than a "
          "part has"};
}

Point HugePages(const path& root) {
  const auto modes = ReadSmallFile(root / "sys/kernel/mm/transparent_hugepage/enabled");
  if (!modes) return NotShown("huge pages", "the kernel has no transparent huge pages");
  if (modes->find("[always]") == std::string::npos) {
    return {"huge pages", Standing::kOk, *modes, ""};
  }
  return {"huge pages", Standing::kWarn, *modes,
          "boot with transparent_hugepage=madvise: the kernel stops threads to put pages together"};
}

Point IsolatedCores(const path& root) {
  const auto isolated = ReadSmallFile(root / kCpus / "isolated");
  if (!isolated) return NotShown("isolated cores", "the kernel does not show them");
  const auto present = NumberedEntries(root / kCpus, "cpu").size();
  if (!isolated->empty()) return {"isolated cores", Standing::kOk, "cores " + *isolated, ""};
  if (present < 4) {
    return NotShown("isolated cores",
                    "none, and " + std::to_string(present) + " cores are too few to keep one");
  }
  const std::string last = std::to_string(present - 1);
  return {"isolated cores", Standing::kWarn, "none",
          "boot with isolcpus=managed_irq,domain," + last + " nohz_full=" + last +
              " rcu_nocbs=" + last};
}

Point ClockSource(const path& root) {
  const auto source =
      ReadSmallFile(root / "sys/devices/system/clocksource/clocksource0/current_clocksource");
  if (!source) return NotShown("clock source", "the kernel does not show it");
  const std::set<std::string> slow = {"hpet", "acpi_pm", "pit", "refined-jiffies"};
  if (*source == "jiffies") {
    return {"clock source", Standing::kFail, *source,
            "it counts in milliseconds: find out why the kernel gave up its timer (dmesg)"};
  }
  if (slow.contains(*source)) {
    return {"clock source", Standing::kWarn, *source + ", slow to read",
            "find out why the kernel gave up its fast one (dmesg | grep clocksource)"};
  }
  return {"clock source", Standing::kOk, *source, ""};
}

}  // namespace

std::vector<Point> LookAtMachine(const path& root) {
  return {Kernel(root),        Governor(root),   Frequency(root), IdleStates(root),
          Throttling(root),    MemoryLock(root), Swap(root),      HugePages(root),
          IsolatedCores(root), ClockSource(root)};
}

}  // namespace taktgate::selftest
