// What a station does when the system does not grant what it asks for. Each test runs in a process
// of its own that gives its privileges up, so that the answer is the same for every user.
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>

#include "inspect/test_release.h"
#include "line/memory_output.h"
#include "line/replay.h"
#include "station/station.h"

namespace taktgate::station {
namespace {

void GivePrivilegesUp() {
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_RTPRIO, &none) != 0 || setrlimit(RLIMIT_MEMLOCK, &none) != 0) _exit(90);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct data[2]{};
  if (syscall(SYS_capset, &header, data) != 0) _exit(91);
}

// Ends the process with 0 for a line that ran, 1 for a start that was refused as it should be, and
// with something else otherwise.
[[noreturn]] void RunWithoutPrivileges(bool strict) {
  GivePrivilegesUp();
  MonotonicClock clock;
  line::Schedule schedule;
  schedule.parts = 2;
  schedule.period = std::chrono::milliseconds(10);
  auto inspector = inspect::testing::SmallInspector();
  line::ReplayTrigger trigger(schedule, clock);
  const auto camera = *line::ReplayCamera::Open(
      schedule, clock, *line::MemorySource::Create({inspect::testing::SmallFrame(10, 20)}));
  line::MemoryOutput output;
  record::RecordQueue records(64, {});
  StationSettings settings;
  settings.strict_realtime = strict;
  Station station(settings, clock, {trigger, *camera, output}, *inspector, records,
                  [](std::string_view text) {
                    std::fprintf(stderr, "[%.*s]", static_cast<int>(text.size()), text.data());
                  });
  records.Start();
  const Status started = station.Start(std::chrono::milliseconds(5));
  if (!started) {
    std::fprintf(stderr, "{%s}", started.error().message.c_str());
    const bool untouched = output.transitions().empty() && station.parts() == 0;
    _exit(started.error().code == ErrorCode::kInvalid && untouched ? 1 : 2);
  }
  _exit(station.Wait() && station.parts() == 2 ? 0 : 3);
}

constexpr char kOneLineEach[] =
    "^\\[memory is not locked: the limit is 0 bytes; allow it with LimitMEMLOCK=infinity[^]]*\\]"
    "\\[threads [a-z0-9 (),]*: no real-time priority: [^]]*LimitRTPRIO=99[^]]*\\]";

TEST(StrictRealtimeDeathTest, RefusesTheStartBeforeAnyLineIsEnergised) {
  EXPECT_EXIT(RunWithoutPrivileges(true), ::testing::ExitedWithCode(1),
              std::string(kOneLineEach) + "\\{the station has not started: .*--strict-rt.*\\}$");
}

TEST(StrictRealtimeDeathTest, WithoutItTheLineRunsAndEachThingIsSaidOnce) {
  EXPECT_EXIT(RunWithoutPrivileges(false), ::testing::ExitedWithCode(0),
              std::string(kOneLineEach) + "$");
}

}  // namespace
}  // namespace taktgate::station
