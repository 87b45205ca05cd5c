#include "selftest/grants.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/test_tree.h"
#include "station/realtime.h"

namespace taktgate::selftest {
namespace {

class Grants : public ::testing::Test {
 protected:
  std::map<std::string, Point> Look() const {
    std::map<std::string, Point> named;
    for (const Point& point : LookAtGrants(file, threads, tree.root())) named[point.name] = point;
    return named;
  }
  taktgate::testing::Tree tree;
  session::StationFile file;
  int threads = 1;
  const int core = station::AllowedCores().front();
};

TEST_F(Grants, WhatIsNotAskedForIsNotApplicable) {
  const auto points = Look();
  for (const char* name : {"thread cores", "strict start", "keep warm"}) {
    ASSERT_TRUE(points.contains(name)) << name;
    EXPECT_EQ(points.at(name).standing, Standing::kNotApplicable) << name;
  }
}

TEST_F(Grants, ACoreIsBestWhenItIsIsolated) {
  file.station.cores.gate = core;
  tree.Write("sys/devices/system/cpu/isolated", "");
  Point point = Look()["gate core"];
  EXPECT_EQ(point.standing, Standing::kWarn);
  EXPECT_NE(point.remedy.find("isolcpus"), std::string::npos);
  tree.Write("sys/devices/system/cpu/isolated", std::to_string(core));
  point = Look()["gate core"];
  EXPECT_EQ(point.standing, Standing::kOk);
  EXPECT_EQ(point.found, "core " + std::to_string(core) + ", isolated");
}

TEST_F(Grants, ACoreThatIsNotThereFailsAndSoDoesAStrictStart) {
  file.station.cores.inference = 4095;
  file.station.strict_realtime = true;
  const auto points = Look();
  EXPECT_EQ(points.at("inference core").standing, Standing::kFail);
  EXPECT_NE(points.at("inference core").remedy.find(std::to_string(core)), std::string::npos);
  EXPECT_EQ(points.at("strict start").standing, Standing::kFail);
  EXPECT_NE(points.at("strict start").found.find("4095"), std::string::npos);
}

TEST_F(Grants, AStrictStartThatAsksForNothingIsFine) {
  file.station.strict_realtime = true;
  file.station.realtime_threads = false;
  file.station.lock_memory = false;
  const auto points = Look();
  EXPECT_EQ(points.at("strict start").standing, Standing::kOk);
  EXPECT_EQ(points.at("thread priorities").standing, Standing::kWarn);
}

TEST_F(Grants, FurtherThreadsOfTheRuntimeAreSaidToBeOrdinary) {
  threads = 3;
  const Point point = Look()["thread priorities"];
  EXPECT_NE(point.standing, Standing::kOk);
  if (point.standing == Standing::kWarn) {
    EXPECT_NE(point.found.find("2 further thread(s)"), std::string::npos);
  }
}

TEST_F(Grants, KeepWarmIsShownWithItsTime) {
  file.station.keep_warm = std::chrono::milliseconds(200);
  EXPECT_NE(Look()["keep warm"].found.find("200 ms"), std::string::npos);
}

TEST(ParseCoreList, ReadsWhatTheKernelWrites) {
  EXPECT_EQ(ParseCoreList("3"), (std::set<int>{3}));
  EXPECT_EQ(ParseCoreList("1,4-6,8"), (std::set<int>{1, 4, 5, 6, 8}));
  for (const char* none : {"", "x", "3-", "5-2", "0-9999999"}) {
    EXPECT_TRUE(ParseCoreList(none).empty()) << none;
  }
}

}  // namespace
}  // namespace taktgate::selftest
