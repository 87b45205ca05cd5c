#include "selftest/machine.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/test_tree.h"

namespace taktgate::selftest {
namespace {

using taktgate::testing::Tree;

std::map<std::string, Point> ByName(const std::vector<Point>& points) {
  std::map<std::string, Point> named;
  for (const Point& point : points) named[point.name] = point;
  return named;
}

void WriteCpus(const Tree& tree, int cpus, const std::string& governor) {
  for (int k = 0; k < cpus; ++k) {
    const std::string cpu = "sys/devices/system/cpu/cpu" + std::to_string(k);
    tree.Write(cpu + "/cpufreq/scaling_governor", governor);
    tree.Write(cpu + "/cpufreq/scaling_max_freq", "1500000");
    tree.Write(cpu + "/cpufreq/cpuinfo_max_freq", "1500000");
  }
  tree.Write("sys/devices/system/cpu/cpufreq/boost", "0");  // no core
}

// A board as it should be: PREEMPT_RT, one core kept apart.
void WriteReadyBoard(const Tree& tree) {
  tree.Write("proc/version", "Linux version 6.1.0-18-rt-arm64 (debian) #1 SMP PREEMPT_RT");
  tree.Write("sys/kernel/realtime", "1");
  WriteCpus(tree, 4, "performance");
  tree.Write("sys/devices/system/cpu/cpu0/cpuidle/state0/name", "WFI");
  tree.Write("sys/devices/system/cpu/cpu0/cpuidle/state0/latency", "1");
  tree.Write("sys/devices/system/cpu/cpu0/cpuidle/state1/name", "cpu-sleep");
  tree.Write("sys/devices/system/cpu/cpu0/cpuidle/state1/latency", "900");
  tree.Write("sys/devices/system/cpu/cpu0/cpuidle/state1/disable", "1");
  tree.Write("proc/sys/kernel/sched_rt_runtime_us", "950000");
  tree.Write("proc/sys/kernel/sched_rt_period_us", "1000000");
  tree.Write("proc/self/status", "Name:\tx\nCapEff:\t0000000000004000");
  tree.Write("proc/swaps", "Filename\t\t\tType\t\tSize\t\tUsed\t\tPriority");
  tree.Write("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never");
  tree.Write("sys/devices/system/cpu/isolated", "3");
  tree.Write("sys/devices/system/clocksource/clocksource0/current_clocksource", "arch_sys_counter");
  tree.Write("sys/class/thermal/thermal_zone0/type", "cpu-thermal");
  tree.Write("sys/class/thermal/thermal_zone0/temp", "48312");
  tree.Write("sys/class/thermal/thermal_zone0/trip_point_0_type", "critical");
  tree.Write("sys/class/thermal/thermal_zone0/trip_point_0_temp", "110000");
  tree.Write("sys/class/thermal/thermal_zone0/trip_point_1_type", "passive");
  tree.Write("sys/class/thermal/thermal_zone0/trip_point_1_temp", "80000");
  tree.Write("sys/devices/platform/soc/soc:firmware/get_throttled", "0");
}

TEST(Readiness, ABoardWithARealtimeKernelIsReady) {
  Tree tree;
  WriteReadyBoard(tree);
  std::vector<Point> points = LookAtMachine(tree.root());
  for (Point& point : LookAtHeat(tree.root())) points.push_back(point);
  EXPECT_EQ(points.size(), 12U);
  for (const Point& point : points) {
    EXPECT_EQ(point.standing, Standing::kOk) << point.name << ": " << point.found;
    EXPECT_TRUE(point.remedy.empty()) << point.name;
  }
  EXPECT_NE(Conclusion(points, std::chrono::milliseconds(8)).find("8 ms can be trusted"),
            std::string::npos);
}

TEST(Readiness, AStockVirtualMachineIsWarnedAboutWithRemedies) {
  Tree tree;
  tree.Write("proc/version", "Linux version 6.1.0-18-amd64 (debian) #1 SMP PREEMPT_DYNAMIC");
  tree.Write("sys/devices/system/cpu/cpu0/topology/core_id", "0");
  tree.Write("sys/devices/system/cpu/cpu1/topology/core_id", "1");
  tree.Write("sys/devices/system/cpu/isolated", "");
  tree.Write("proc/self/status", "CapEff:\t0000000000000000");
  tree.Write("proc/self/limits",
             "Limit                     Soft Limit           Hard Limit           Units\n"
             "Max locked memory         8388608              8388608              bytes");
  tree.Write("proc/swaps", "Filename Type Size Used Priority\n/dev/vda2 partition 1048572 0 -2");
  tree.Write("sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never");
  tree.Write("sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet");
  tree.Write("proc/sys/kernel/sched_rt_runtime_us", "-1");
  tree.Write("proc/sys/kernel/sched_rt_period_us", "1000000");
  auto points = ByName(LookAtMachine(tree.root()));
  for (const char* name :
       {"kernel", "memory lock", "swap", "huge pages", "clock source", "real-time throttling"}) {
    EXPECT_EQ(points[name].standing, Standing::kWarn) << name;
    EXPECT_FALSE(points[name].remedy.empty()) << name;
  }
  EXPECT_NE(points["memory lock"].found.find("8388608"), std::string::npos);
  EXPECT_NE(points["swap"].found.find("/dev/vda2"), std::string::npos);
  for (const char* name : {"CPU governor", "CPU frequency", "idle states", "isolated cores"}) {
    EXPECT_EQ(points[name].standing, Standing::kNotApplicable) << name;
  }
  const auto all = LookAtMachine(tree.root());
  EXPECT_EQ(WorstOf(all), Standing::kWarn);
  EXPECT_NE(Conclusion(all, std::chrono::milliseconds(8)).find("at risk: kernel"),
            std::string::npos);
}

TEST(Readiness, AnEmptyTreeIsNotApplicableAndNeverAnError) {
  Tree tree;
  std::vector<Point> points = LookAtMachine(tree.root());
  for (Point& point : LookAtHeat(tree.root())) points.push_back(point);
  for (const Point& point : points) {
    EXPECT_EQ(point.standing, Standing::kNotApplicable) << point.name;
    EXPECT_FALSE(point.found.empty()) << point.name;
  }
  EXPECT_EQ(WorstOf(points), Standing::kOk);
}

TEST(Readiness, OddContentIsTakenForWhatItIs) {
  Tree tree;
  WriteReadyBoard(tree);
  tree.Write("sys/devices/system/cpu/cpu2/cpufreq/scaling_governor", "ondemand");
  tree.Write("sys/devices/system/cpu/cpu2/cpufreq/scaling_max_freq", "600000");
  tree.Write("sys/devices/system/cpu/cpu0/cpuidle/state1/disable", "0");
  tree.Write("proc/sys/kernel/sched_rt_runtime_us", "0");
  tree.Write("sys/devices/system/cpu/isolated", "");
  tree.Write("sys/devices/system/clocksource/clocksource0/current_clocksource", "jiffies");
  tree.Write("sys/class/thermal/thermal_zone0/temp", "no number");
  auto points = ByName(LookAtMachine(tree.root()));
  EXPECT_EQ(points["CPU governor"].found, "ondemand, performance");
  EXPECT_EQ(points["CPU governor"].standing, Standing::kWarn);
  EXPECT_NE(points["CPU frequency"].found.find("600 MHz of 1500"), std::string::npos);
  EXPECT_NE(points["idle states"].found.find("cpu-sleep, 900 us"), std::string::npos);
  EXPECT_EQ(points["real-time throttling"].standing, Standing::kFail);
  EXPECT_NE(points["isolated cores"].remedy.find("nohz_full=3"), std::string::npos);
  EXPECT_EQ(points["clock source"].standing, Standing::kFail);
  EXPECT_EQ(ByName(LookAtHeat(tree.root()))["temperature"].standing, Standing::kNotApplicable);
}

TEST(Readiness, AHotBoardFailsAndAWarmOneIsWarnedAbout) {
  Tree tree;
  WriteReadyBoard(tree);
  tree.Write("sys/class/thermal/thermal_zone0/temp", "70000");
  EXPECT_EQ(ByName(LookAtHeat(tree.root()))["temperature"].standing, Standing::kWarn);
  tree.Write("sys/class/thermal/thermal_zone0/temp", "69999");
  EXPECT_EQ(ByName(LookAtHeat(tree.root()))["temperature"].standing, Standing::kOk);
  tree.Write("sys/class/thermal/thermal_zone0/temp", "80000");
  const Point hot = ByName(LookAtHeat(tree.root()))["temperature"];
  EXPECT_EQ(hot.standing, Standing::kFail);
  EXPECT_NE(hot.found.find("80.0 C"), std::string::npos);
}

TEST(Readiness, AThrottledBoardIsSaidSo) {
  Tree tree;
  WriteReadyBoard(tree);
  const char* word = "sys/devices/platform/soc/soc:firmware/get_throttled";
  tree.Write(word, "50005");
  Point slowed = ByName(LookAtHeat(tree.root()))["slowed down"];
  EXPECT_EQ(slowed.standing, Standing::kFail);
  EXPECT_NE(slowed.remedy.find("supply"), std::string::npos);
  tree.Write(word, "80008");
  slowed = ByName(LookAtHeat(tree.root()))["slowed down"];
  EXPECT_NE(slowed.remedy.find("cool"), std::string::npos);
  tree.Write(word, "80000");
  EXPECT_EQ(ByName(LookAtHeat(tree.root()))["slowed down"].standing, Standing::kWarn);
}

TEST(Readiness, AnX86CoreThatWasSlowedByHeatIsWarnedAbout) {
  Tree tree;
  tree.Write("sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "0");
  EXPECT_EQ(ByName(LookAtHeat(tree.root()))["slowed down"].standing, Standing::kOk);
  tree.Write("sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count", "17");
  const Point slowed = ByName(LookAtHeat(tree.root()))["slowed down"];
  EXPECT_EQ(slowed.standing, Standing::kWarn);
  EXPECT_NE(slowed.found.find("17"), std::string::npos);
}

}  // namespace
}  // namespace taktgate::selftest
