#include "station/thread_start.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <thread>

#include "station/realtime.h"

namespace taktgate::station {
namespace {

constexpr int kNoCore = 4095;

TEST(AllowedCores, AreThoseAThreadCanBeKeptOn) {
  const std::vector<int> cores = AllowedCores();
  ASSERT_FALSE(cores.empty());
  for (const int core : cores) {
    std::thread([core] {
      EXPECT_TRUE(PinThisThread(core));
      EXPECT_EQ(sched_getcpu(), core);
    }).join();
  }
  cpu_set_t mask;
  ASSERT_EQ(sched_getaffinity(0, sizeof mask, &mask), 0);
  EXPECT_GE(static_cast<std::size_t>(CPU_COUNT(&mask)), 1U) << "the test's own mask is as it was";
  EXPECT_EQ(CoresInWords({0, 2, 3}), "0, 2, 3");
}

TEST(CheckCores, RefusesOneThatIsNotThereAndListsTheOthers) {
  const std::vector<int> cores = AllowedCores();
  EXPECT_TRUE(CheckCores({{"gate", 80, {}}, {"camera", 70, cores.back()}}));
  const Status refused = CheckCores({{"gate", 80, {}}, {"inference", 60, kNoCore}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalid);
  for (const std::string& words :
       {std::string("inference_core"), "(" + CoresInWords(cores) + ")", std::string("got 4095")}) {
    EXPECT_NE(refused.error().message.find(words), std::string::npos) << refused.error().message;
  }
}

TEST(TryOut, SaysForEachThreadWhatItDidNotGet) {
  const auto grants =
      TryOut({{"ordinary", 0, {}}, {"kept", 0, AllowedCores().front()}, {"lost", 0, kNoCore}});
  ASSERT_EQ(grants.size(), 3U);
  for (const ThreadGrant& grant : grants) EXPECT_TRUE(grant.priority_refused.empty());
  EXPECT_TRUE(grants[0].core_refused.empty());
  EXPECT_TRUE(grants[1].core_refused.empty());
  EXPECT_NE(grants[2].core_refused.find("4095"), std::string::npos);
}

TEST(RefusedThings, HasOneLineForEachThing) {
  EXPECT_TRUE(RefusedThings({{{"gate", 80, 1}, "", ""}}).empty());
  const auto lines = RefusedThings({{{"gate", 80, 1}, "not allowed", "core 1: invalid"},
                                    {{"camera", 70, {}}, "", ""},
                                    {{"trigger", 75, {}}, "not allowed", ""}});
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], "threads gate (80), trigger (75): not allowed; allow it with " +
                          std::string(kAllowPriority));
  EXPECT_NE(lines[1].find("the gate thread is on no core of its own: core 1"), std::string::npos);
}

TEST(ThreadStart, NobodyMovesBeforeTheOwnerHasSeenAllOfThem) {
  for (const bool decision : {true, false}) {
    ThreadStart start;
    std::atomic<int> passed{0}, started{0};
    const auto thread = [&](const char* name) {
      return std::thread([&, name] {
        if (start.Enter({name, 0, {}})) ++started;
        ++passed;
      });
    };
    std::thread first = thread("first"), second = thread("second");
    EXPECT_EQ(start.WaitForAll(2).size(), 2U);
    EXPECT_EQ(passed, 0);
    start.Decide(decision);
    first.join();
    second.join();
    EXPECT_EQ(started, decision ? 2 : 0);
  }
}

}  // namespace
}  // namespace taktgate::station
