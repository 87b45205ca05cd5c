#include "station/flight_journal.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>

namespace taktgate::station {
namespace {

using std::chrono::milliseconds;
using Ending = FlightJournal::Left::Ending;
using Stage = FlightJournal::Stage;

TimePoint At(int ms) { return TimePoint(milliseconds(ms)); }

gate::Decision DecisionOf(std::uint64_t sequence, bool released, judge::Reason reason) {
  gate::Decision decision;
  decision.part = {7, sequence};
  decision.released = released;
  decision.reason = reason;
  decision.decided_at = At(static_cast<int>(sequence) * 10 + 4);
  return decision;
}

class FlightJournalTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder = std::filesystem::path(::testing::TempDir()) /
             ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder / "memory");
    place = {folder, folder / "memory"};
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  // A station that is killed with signal 9 behind `work`.
  void KilledAfter(const std::function<void(FlightJournal&)>& work) {
    const pid_t child = fork();
    if (child == 0) {
      auto journal = FlightJournal::Begin(place, 7, "0123456789ab");
      if (!journal) _exit(1);
      work(**journal);
      raise(SIGKILL);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the journal could not be begun";
  }
  // As the run behind boot 7 sees it.
  FlightJournal::Left Left(std::uint32_t boot = 8) {
    auto left = FlightJournal::Read(place, boot);
    EXPECT_TRUE(left) << left.error().message;
    return left ? *left : FlightJournal::Left{};
  }
  std::filesystem::path File() {
    for (const auto& entry : std::filesystem::directory_iterator(folder / "memory")) {
      return entry.path();
    }
    return {};
  }

  std::filesystem::path folder;
  FlightJournal::Place place;
};

TEST_F(FlightJournalTest, TheFirstRunFindsNothing) { EXPECT_EQ(Left(1).ending, Ending::kNone); }

TEST_F(FlightJournalTest, WhatAKilledRunKnewIsThere) {
  KilledAfter([](FlightJournal& journal) {
    for (std::uint64_t k = 1; k <= 4; ++k) journal.Edge({7, k}, At(static_cast<int>(k) * 10));
    journal.WillPass({7, 1});
    journal.Decided(DecisionOf(1, true, judge::Reason::kNone));
    journal.Decided(DecisionOf(2, false, judge::Reason::kDefect));
    journal.WillPass({7, 3});
  });
  const FlightJournal::Left left = Left();
  ASSERT_EQ(left.ending, Ending::kCrash);
  EXPECT_EQ(left.boot, 7U);
  EXPECT_EQ(left.release, "0123456789ab");
  ASSERT_EQ(left.entries.size(), 4U);
  EXPECT_EQ(left.entries[0].stage, Stage::kDecided);
  EXPECT_TRUE(left.entries[0].released);
  EXPECT_EQ(left.entries[1].reason, judge::Reason::kDefect);
  EXPECT_FALSE(left.entries[1].released);
  EXPECT_EQ(left.entries[1].decided_at, At(24));
  EXPECT_EQ(left.entries[2].stage, Stage::kPassing);
  EXPECT_EQ(left.entries[3].stage, Stage::kInFlight);
  EXPECT_EQ(left.entries[3].part, (gate::PartId{7, 4}));
  EXPECT_EQ(left.entries[3].trigger_at, At(40));
}

TEST_F(FlightJournalTest, SpeaksOfTheLastPartsWhenManyWereThere) {
  constexpr std::uint64_t kParts = FlightJournal::kSlots + 100;
  KilledAfter([](FlightJournal& journal) {
    for (std::uint64_t k = 1; k <= kParts; ++k) {
      journal.Edge({7, k}, At(1));
      if (k < kParts) journal.Decided(DecisionOf(k, false, judge::Reason::kLate));
    }
  });
  const FlightJournal::Left left = Left();
  ASSERT_EQ(left.entries.size(), FlightJournal::kSlots);
  EXPECT_EQ(left.entries.front().part.sequence, 101U);
  EXPECT_EQ(left.entries.back().part.sequence, kParts);
  EXPECT_EQ(left.entries.back().stage, Stage::kInFlight);
}

TEST_F(FlightJournalTest, ARunThatSaidGoodByeLeavesNothingOpen) {
  KilledAfter([](FlightJournal& journal) {
    journal.Edge({7, 1}, At(10));
    journal.Decided(DecisionOf(1, false, judge::Reason::kDefect));
    if (!journal.Close()) _exit(1);
  });
  EXPECT_EQ(Left().ending, Ending::kClean);
  EXPECT_TRUE(Left().entries.empty());
}

TEST_F(FlightJournalTest, ANewRunReplacesTheOldJournalWhole) {
  KilledAfter([](FlightJournal& journal) { journal.Edge({7, 1}, At(10)); });
  auto journal = FlightJournal::Begin(place, 8, "ab");
  ASSERT_TRUE(journal);
  EXPECT_EQ(Left(9).ending, Ending::kCrash);
  EXPECT_EQ(Left(9).boot, 8U);
  EXPECT_TRUE(Left(9).entries.empty());
  EXPECT_EQ(File().extension(), ".in_flight") << "nothing else is left in memory";
}

TEST_F(FlightJournalTest, AfterARestartOfTheUnitNobodyKnows) {
  KilledAfter([](FlightJournal& journal) { journal.Edge({7, 1}, At(10)); });
  std::fstream file(File(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(16);  // the kernel's boot id
  file.write("another start of the unit", 25);
  file.close();
  EXPECT_EQ(Left().ending, Ending::kUnknown);
  EXPECT_TRUE(Left().entries.empty());
  std::filesystem::remove(File());
  EXPECT_EQ(Left().ending, Ending::kUnknown);
}

TEST_F(FlightJournalTest, AJournalOfAnotherRunIsNotTakenForTheLastOne) {
  KilledAfter([](FlightJournal& journal) { journal.Edge({7, 1}, At(10)); });
  EXPECT_EQ(Left(9).ending, Ending::kUnknown);
}

TEST_F(FlightJournalTest, AFileThatIsNoneOfOursSaysNothing) {
  KilledAfter([](FlightJournal& journal) { journal.Edge({7, 1}, At(10)); });
  const auto path = File();
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
  EXPECT_EQ(Left().ending, Ending::kUnknown);
  for (const std::string& text : {std::string(), std::string("hello"), std::string(300'000, 'x')}) {
    std::ofstream(path, std::ios::trunc) << text;
    EXPECT_EQ(Left().ending, Ending::kUnknown) << text.size();
  }
}

TEST_F(FlightJournalTest, AFolderThatCannotBeUsedIsSaid) {
  for (const FlightJournal::Place& wrong : {FlightJournal::Place{folder / "none", folder},
                                            FlightJournal::Place{folder, folder / "none"}}) {
    const auto refused = FlightJournal::Begin(wrong, 1, "ab");
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("parts in flight at a crash"), std::string::npos);
  }
}

}  // namespace
}  // namespace taktgate::station
