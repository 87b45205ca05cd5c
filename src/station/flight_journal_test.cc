#include "station/flight_journal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

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

  // A station that is killed with signal 9 after `work`.
  void KilledAfter(const std::function<void(FlightJournal&)>& work, std::uint32_t boot = 7,
                   const std::string& release = "0123456789ab") {
    const pid_t child = fork();
    if (child == 0) {
      auto journal = FlightJournal::Begin(place, boot, release);
      if (!journal) _exit(1);
      work(**journal);
      raise(SIGKILL);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the journal could not be begun";
  }
  // As the run after boot 7 sees it.
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
  std::string Bytes() {
    std::ifstream file(File(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Overwrite(std::streamoff at, const std::string& bytes) {
    std::fstream file(File(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  std::filesystem::path folder;
  FlightJournal::Place place;
};

// Where the parts of the file lie.
constexpr std::streamoff kVersionAt = 8, kBootAt = 12, kBootIdAt = 16, kSlotsAt = 128;
constexpr std::streamoff kFirstSlotAt = 136;
constexpr std::size_t kSlotBytes = 24;

TEST_F(FlightJournalTest, TheFirstRunFindsNothing) {
  EXPECT_EQ(Left(1).ending, Ending::kNone);
  EXPECT_EQ(Left(1).boot, 0U);
}

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
  EXPECT_EQ(left.entries[3].reason, judge::Reason::kNone);
  EXPECT_FALSE(left.entries[3].released);
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
  EXPECT_EQ(Left().boot, 7U);
  EXPECT_TRUE(Left().entries.empty());
  EXPECT_TRUE(File().empty()) << "memory is given back";
}

TEST_F(FlightJournalTest, ACrashAfterACleanRunIsACrash) {
  KilledAfter([](FlightJournal& journal) {
    if (!journal.Close()) _exit(1);
  });
  KilledAfter([](FlightJournal& journal) { journal.Edge({8, 1}, At(10)); }, 8);
  EXPECT_EQ(Left(9).ending, Ending::kCrash);
  EXPECT_EQ(Left(9).entries.size(), 1U);
}

TEST_F(FlightJournalTest, TheSecondRunSeesTheFirst) {
  KilledAfter([](FlightJournal& journal) { journal.Edge({1, 1}, At(10)); }, 1);
  EXPECT_EQ(Left(2).ending, Ending::kCrash);
}

// A run of an older taktgate may have left it: its layout is part of the agreement.
TEST_F(FlightJournalTest, TheFileSaysWhatItIs) {
  KilledAfter([](FlightJournal& journal) {
    journal.Decided(DecisionOf(FlightJournal::kSlots, true, judge::Reason::kLate));
  });
  const std::string bytes = Bytes();
  ASSERT_EQ(bytes.size(), kFirstSlotAt + FlightJournal::kSlots * kSlotBytes);
  EXPECT_EQ(bytes.substr(0, 8), "tgflight");
  EXPECT_EQ(bytes[kVersionAt], 1);
  EXPECT_EQ(bytes[kBootAt], 7);
  std::ifstream boot_id("/proc/sys/kernel/random/boot_id");
  std::string unit;
  std::getline(boot_id, unit);
  EXPECT_EQ(bytes.substr(kBootIdAt, unit.size()), unit);
  const auto reason = static_cast<char>(judge::Reason::kLate);
  EXPECT_EQ(bytes.substr(kFirstSlotAt, 8),
            std::string({'\x83', reason, '\0', '\x20', '\0', '\0', '\0', '\0'}));
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(File()).permissions(),
            perms::owner_read | perms::owner_write | perms::group_read | perms::others_read);
}

TEST_F(FlightJournalTest, EachFieldThatIsNotOursMeansThatNobodyKnows) {
  KilledAfter([](FlightJournal& journal) { journal.Edge({7, 1}, At(10)); });
  const std::string sound = Bytes();
  for (const std::streamoff at : {std::streamoff{0}, kVersionAt, kBootAt, kBootIdAt, kSlotsAt}) {
    Overwrite(at, "~");
    EXPECT_EQ(Left().ending, Ending::kUnknown) << at;
    EXPECT_EQ(Left().boot, 7U);
    Overwrite(0, sound);
    ASSERT_EQ(Left().ending, Ending::kCrash);
  }
}

TEST_F(FlightJournalTest, ASlotThatSaysNothingKnownIsSkipped) {
  KilledAfter([](FlightJournal& journal) {
    for (std::uint64_t k = 1; k <= 3; ++k) journal.Edge({7, k}, At(10));
  });
  Overwrite(kFirstSlotAt + 2 * kSlotBytes, {'\4'});
  const FlightJournal::Left left = Left();
  ASSERT_EQ(left.entries.size(), 2U);
  EXPECT_EQ(left.entries[1].part.sequence, 3U);
}

TEST_F(FlightJournalTest, ALongNameOfAReleaseIsCutWhole) {
  KilledAfter([](FlightJournal&) {}, 7, std::string(100, 'a'));
  EXPECT_EQ(Left().release, std::string(71, 'a'));
}

TEST_F(FlightJournalTest, WhatAnEarlierBeginLeftHalfDoneIsNoHindrance) {
  KilledAfter([](FlightJournal&) {});
  std::ofstream(File().string() + ".new") << std::string(300'000, 'x');
  KilledAfter([](FlightJournal& journal) { journal.Edge({7, 1}, At(10)); });
  EXPECT_EQ(Left().ending, Ending::kCrash);
  EXPECT_EQ(Left().entries.size(), 1U);
}

// The number of a file is 0 then.
TEST_F(FlightJournalTest, AProcessWithoutStandardInputHasAJournalToo) {
  const pid_t child = fork();
  if (child == 0) {
    close(STDIN_FILENO);
    _exit(FlightJournal::Begin(place, 7, "ab") ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(FlightJournalTest, ADiskThatIsFullIsSaidAtOnce) {
  struct Limit {
    Limit() {
      getrlimit(RLIMIT_FSIZE, &before);
      rlimit small = before;
      small.rlim_cur = 4096;
      setrlimit(RLIMIT_FSIZE, &small);
      std::signal(SIGXFSZ, SIG_IGN);
    }
    ~Limit() {
      setrlimit(RLIMIT_FSIZE, &before);
      std::signal(SIGXFSZ, SIG_DFL);
    }
    rlimit before{};
  };
  const auto refused = [&] {
    const Limit limit;
    return FlightJournal::Begin(place, 7, "ab");
  }();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIo);
  EXPECT_NE(refused.error().message.find("File too large; parts in flight"), std::string::npos)
      << refused.error().message;
}

// What Begin and the end of a journal leave open in this process.
TEST_F(FlightJournalTest, NothingStaysOpenOrMapped) {
  const auto lowest = [] {
    const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(fd);
    return fd;
  };
  const auto mapped = [] {
    std::ifstream maps("/proc/self/maps");
    const std::string all(std::istreambuf_iterator<char>(maps), {});
    return all.find(".in_flight") != std::string::npos;
  };
  const int before = lowest();
  {
    const auto journal = FlightJournal::Begin(place, 7, "ab");
    ASSERT_TRUE(journal);
    EXPECT_EQ(lowest(), before);
    EXPECT_TRUE(mapped());
  }
  EXPECT_FALSE(mapped());
}

TEST_F(FlightJournalTest, AJournalThatCannotTakeItsPlaceIsSaid) {
  KilledAfter([](FlightJournal&) {});
  const auto path = File();
  std::filesystem::remove(path);
  std::filesystem::create_directories(path / "in_the_way");
  const auto refused = FlightJournal::Begin(place, 8, "ab");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIo);
  EXPECT_NE(refused.error().message.find("in_flight: "), std::string::npos);
}

TEST_F(FlightJournalTest, AStateFolderThatIsGoneIsSaidByReadAndClose) {
  auto journal = FlightJournal::Begin(place, 7, "ab");
  ASSERT_TRUE(journal);
  place.state = folder / "gone";
  EXPECT_FALSE(FlightJournal::Read(place, 8));
  std::filesystem::create_directories(place.state);
  auto doomed = FlightJournal::Begin(place, 7, "ab");
  ASSERT_TRUE(doomed);
  std::filesystem::remove_all(place.state);
  EXPECT_FALSE((*doomed)->Close());
  EXPECT_TRUE((*journal)->Close());
}

TEST_F(FlightJournalTest, AJournalThatCannotBeReadIsSaid) {
  KilledAfter([](FlightJournal&) {});
  const auto path = File();
  std::filesystem::remove(path);
  std::filesystem::create_symlink(path, path);  // opening it never ends
  const auto refused = FlightJournal::Read(place, 8);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIo);
  std::filesystem::remove(path);
  std::filesystem::create_directories(path);
  EXPECT_EQ(Left().ending, Ending::kUnknown) << "readable, and no journal";
}

// The slot of a part is used again by the 8,192nd after it. Killed at any moment, no part may be
// there with another part's time.
TEST_F(FlightJournalTest, KilledAtAnyMomentNoPartHasAnothersTime) {
  for (int round = 0; round < 60; ++round) {
    int begun[2];
    ASSERT_EQ(pipe(begun), 0);
    const pid_t child = fork();
    if (child == 0) {
      const auto journal = FlightJournal::Begin(place, 7, "ab");
      for (std::uint64_t k = 1;; ++k) {
        (*journal)->Edge({7, k}, TimePoint(Duration(k)));
        if (k == 2 * FlightJournal::kSlots && write(begun[1], "x", 1) != 1) _exit(1);
      }
    }
    char byte = 0;
    EXPECT_EQ(read(begun[0], &byte, 1), 1);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(begun[0]);
    close(begun[1]);
    const FlightJournal::Left left = Left();
    EXPECT_GE(left.entries.size(), FlightJournal::kSlots - 1);
    for (const FlightJournal::Entry& entry : left.entries) {
      ASSERT_EQ(entry.trigger_at, TimePoint(Duration(entry.part.sequence))) << round;
    }
  }
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
  Overwrite(kBootIdAt, "another start of the unit");
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
    EXPECT_EQ(refused.error().code, ErrorCode::kIo);
    EXPECT_NE(refused.error().message.find("No such file or directory; parts in flight at a crash"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace taktgate::station
