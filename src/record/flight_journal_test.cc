#include "record/flight_journal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "base/test_tree.h"
#include "record/releases.h"

namespace taktgate::record {
namespace {

using std::chrono::milliseconds;
using Stage = FlightJournal::Stage;
namespace fs = std::filesystem;

TimePoint At(int ms) { return TimePoint(milliseconds(ms)); }

gate::Decision DecisionOf(std::uint64_t sequence, bool released, judge::Reason reason) {
  gate::Decision decision;
  decision.part = {7, sequence};
  decision.released = released;
  decision.reason = reason;
  decision.decided_at = At(static_cast<int>(sequence) * 10 + 4);
  return decision;
}

constexpr std::size_t kSlots = 64;

class FlightJournalTest : public ::testing::Test {
 protected:
  FlightJournalTest() {
    fs::create_directories(Memory());
    fs::create_directories(place.state);
  }
  fs::path Memory() const { return tree.root() / "memory"; }

  // A station that is killed with signal 9 after `work`.
  void KilledAfter(const std::function<void(FlightJournal&)>& work, std::uint32_t boot = 7,
                   const std::string& release = "0123456789ab", std::size_t slots = kSlots) {
    const pid_t child = fork();
    if (child == 0) {
      auto journal = FlightJournal::Begin(place, boot, release, slots);
      if (!journal) _exit(1);
      work(**journal);
      raise(SIGKILL);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the journal could not be begun";
  }
  std::vector<FlightJournal::Left> Left() {
    std::vector<FlightJournal::Left> found;
    const auto journals = FlightJournal::LeftBehind(place);
    EXPECT_TRUE(journals) << journals.error().message;
    if (!journals) return found;
    for (const auto& journal : *journals) found.push_back(journal->Look());
    return found;
  }
  FlightJournal::Left Only() {
    const auto left = Left();
    EXPECT_EQ(left.size(), 1U);
    return left.empty() ? FlightJournal::Left{} : left[0];
  }
  fs::path File() {
    for (const auto& entry : fs::directory_iterator(Memory())) return entry.path();
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

  taktgate::testing::Tree tree;
  FlightJournal::Place place{tree.root() / "state", tree.root() / "memory"};
};

// Where the parts of the file lie.
constexpr std::streamoff kVersionAt = 8, kBootAt = 12, kBootIdAt = 16, kSlotsAt = 56 + 64 * 72;
constexpr std::streamoff kFirstSlotAt = kSlotsAt + 32;
constexpr std::size_t kSlotBytes = 32;

TEST_F(FlightJournalTest, TheFirstRunFindsNothing) { EXPECT_TRUE(Left().empty()); }

// A file system soon gives its inode to the next folder.
TEST_F(FlightJournalTest, AFolderThatWasMadeAnewHasNoEarlierRuns) {
  const auto inode = [&] {
    struct stat info {};
    EXPECT_EQ(stat(place.state.c_str(), &info), 0);
    return info.st_ino;
  };
  const auto before = inode();
  KilledAfter([](FlightJournal& journal) { journal.Edge({7, 1}, At(10), 1); });
  EXPECT_EQ(Left().size(), 1U);
  for (int again = 0; again < 100; ++again) {
    fs::remove_all(place.state);
    fs::create_directories(place.state);
    if (inode() == before) break;
  }
  struct statx born {};
  statx(AT_FDCWD, place.state.c_str(), 0, STATX_BTIME, &born);
  if ((born.stx_mask & STATX_BTIME) == 0) GTEST_SKIP() << "no times of birth on this file system";
  EXPECT_TRUE(Left().empty());
}

TEST_F(FlightJournalTest, WhatAKilledRunKnewIsThere) {
  KilledAfter([](FlightJournal& journal) {
    for (std::uint64_t k = 1; k <= 4; ++k) journal.Edge({7, k}, At(static_cast<int>(k) * 10), 1);
    journal.WillPass({7, 1});
    journal.Decided(DecisionOf(1, true, judge::Reason::kNone));
    journal.Decided(DecisionOf(2, false, judge::Reason::kDefect));
    journal.WillPass({7, 3});
  });
  const FlightJournal::Left left = Only();
  EXPECT_EQ(left.boot, 7U);
  for (const auto& entry : left.entries) EXPECT_EQ(entry.release, "0123456789ab");
  EXPECT_EQ(left.last_lines.inode, 0U) << "nothing was recorded yet";
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

TEST_F(FlightJournalTest, WhatIsInTheRecordFileIsNotLeft) {
  KilledAfter([](FlightJournal& journal) {
    for (std::uint64_t k = 1; k <= 3; ++k) {
      journal.Edge({7, k}, At(1), 1);
      journal.Decided(DecisionOf(k, false, judge::Reason::kLate));
    }
    journal.WillRecord({1, 2, 3});
    journal.Recorded({7, 1});
    journal.Recorded({7, 3});
    journal.WillRecord({4, 5, 6});
  });
  const FlightJournal::Left left = Only();
  ASSERT_EQ(left.entries.size(), 1U);
  EXPECT_EQ(left.entries[0].part.sequence, 2U);
  EXPECT_EQ(left.last_lines.device, 4U);
  EXPECT_EQ(left.last_lines.inode, 5U);
  EXPECT_EQ(left.last_lines.offset, 6U);
}

// A slow disk: the line of a part is written when another part has its slot already.
TEST_F(FlightJournalTest, AMarkThatComesLateIsNotTheNextPartsMark) {
  KilledAfter([](FlightJournal& journal) {
    journal.Edge({7, 1}, At(1), 1);
    journal.Edge({7, 1 + kSlots}, At(2), 1);
    journal.Recorded({7, 1});
    journal.Recorded({6, 1 + kSlots});
  });
  ASSERT_EQ(Only().entries.size(), 1U);
  EXPECT_EQ(Only().entries[0].part.sequence, 1 + kSlots);
}

TEST_F(FlightJournalTest, ALaterRunMarksWhatItHasWritten) {
  KilledAfter([](FlightJournal& journal) {
    journal.Edge({7, 1}, At(1), 1);
    journal.Edge({7, 2}, At(2), 1);
  });
  {
    const auto journals = FlightJournal::LeftBehind(place);
    ASSERT_TRUE(journals);
    journals->at(0)->Recorded({7, 1});
  }
  ASSERT_EQ(Only().entries.size(), 1U);
  EXPECT_EQ(Only().entries[0].part.sequence, 2U);
  {
    const auto journals = FlightJournal::LeftBehind(place);
    journals->at(0)->Remove();
  }
  EXPECT_TRUE(Left().empty());
  EXPECT_TRUE(fs::is_empty(Memory()));
}

TEST_F(FlightJournalTest, SpeaksOfTheLastPartsWhenManyWereThere) {
  constexpr std::uint64_t kParts = kSlots + 10;
  KilledAfter([](FlightJournal& journal) {
    for (std::uint64_t k = 1; k <= kParts; ++k) {
      journal.Edge({7, k}, At(1), 1);
      if (k < kParts) journal.Decided(DecisionOf(k, false, judge::Reason::kLate));
    }
  });
  const FlightJournal::Left left = Only();
  ASSERT_EQ(left.entries.size(), kSlots);
  EXPECT_EQ(left.entries.front().part.sequence, 11U);
  EXPECT_EQ(left.entries.back().part.sequence, kParts);
  EXPECT_EQ(left.entries.back().stage, Stage::kInFlight);
}

TEST_F(FlightJournalTest, EachRunHasItsOwnAndTheOldestComesFirst) {
  // Their names are drawn at random, so a folder gives few of them in this order by chance.
  for (const std::uint32_t boot : {9U, 7U, 12U, 3U, 10U, 4U, 8U, 11U, 6U, 5U}) {
    KilledAfter([&](FlightJournal& journal) { journal.Edge({boot, 1}, At(10), 1); }, boot);
  }
  const auto left = Left();
  ASSERT_EQ(left.size(), 10U);
  for (std::size_t at = 0; at < left.size(); ++at) EXPECT_EQ(left[at].boot, 3U + at);
}

TEST_F(FlightJournalTest, OfAnotherStateFolderNothingIsSaid) {
  KilledAfter([](FlightJournal& journal) { journal.Edge({7, 1}, At(10), 1); });
  place.state = tree.root() / "other";
  fs::create_directories(place.state);
  EXPECT_TRUE(Left().empty());
  EXPECT_FALSE(fs::is_empty(Memory())) << "it is another station's";
}

// A run of an older taktgate may have left it: its layout is part of the agreement.
TEST_F(FlightJournalTest, TheFileSaysWhatItIs) {
  KilledAfter([](FlightJournal& journal) {
    journal.Decided(DecisionOf(kSlots, true, judge::Reason::kLate));
  });
  const std::string bytes = Bytes();
  ASSERT_EQ(bytes.size(), kFirstSlotAt + kSlots * kSlotBytes);
  EXPECT_EQ(bytes.substr(0, 8), "tgflight");
  EXPECT_EQ(bytes[kVersionAt], 3);
  EXPECT_EQ(bytes[kBootAt], 7);
  std::ifstream boot_id("/proc/sys/kernel/random/boot_id");
  std::string unit;
  std::getline(boot_id, unit);
  ASSERT_EQ(unit.size(), 36U);
  EXPECT_EQ(bytes.substr(kBootIdAt, unit.size()), unit);
  const auto reason = static_cast<char>(judge::Reason::kLate);
  EXPECT_EQ(bytes.substr(kFirstSlotAt, 8),
            std::string({'\x83', reason, static_cast<char>(kSlots), '\0', '\0', '\0', '\0', '\0'}));
  EXPECT_EQ(fs::status(File()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(FlightJournalTest, EachFieldThatIsNotOursMakesItNoJournal) {
  for (const std::streamoff at : {std::streamoff{0}, kVersionAt, kBootIdAt, kSlotsAt}) {
    KilledAfter([](FlightJournal& journal) { journal.Edge({7, 1}, At(10), 1); });
    ASSERT_EQ(Left().size(), 1U);
    Overwrite(at, "~");
    EXPECT_TRUE(Left().empty()) << at;
    EXPECT_TRUE(fs::is_empty(Memory())) << "what nobody can read does not stay";
  }
}

TEST_F(FlightJournalTest, AFileThatIsNotWholeIsNone) {
  for (const std::uintmax_t size :
       {kFirstSlotAt + kSlots * kSlotBytes - 1, kFirstSlotAt + kSlots * kSlotBytes + 1,
        static_cast<std::size_t>(kFirstSlotAt), std::size_t{5}}) {
    KilledAfter([](FlightJournal& journal) { journal.Edge({7, 1}, At(10), 1); });
    fs::resize_file(File(), size);
    EXPECT_TRUE(Left().empty()) << size;
    EXPECT_TRUE(fs::is_empty(Memory()));
  }
  std::ofstream(Memory() / "taktgate-1-2.in_flight.abc") << "of somebody else";
  EXPECT_TRUE(Left().empty());
  EXPECT_FALSE(fs::is_empty(Memory()));
}

// Everybody can write to the folder: what others could have written is not trusted, and left alone.
// Sound, except that it is empty.
TEST_F(FlightJournalTest, AJournalWithoutSlotsIsNone) {
  KilledAfter([](FlightJournal&) {});
  fs::resize_file(File(), static_cast<std::uintmax_t>(kFirstSlotAt));
  Overwrite(kSlotsAt, std::string(8, '\0'));
  EXPECT_TRUE(Left().empty());
  EXPECT_TRUE(fs::is_empty(Memory()));
}

TEST_F(FlightJournalTest, APartInAnothersSlotIsNone) {
  KilledAfter([](FlightJournal& journal) {
    for (std::uint64_t k = 1; k <= 3; ++k) journal.Edge({7, k}, At(10), 1);
  });
  Overwrite(kFirstSlotAt + 2 * kSlotBytes + 2, "\3");
  const FlightJournal::Left left = Only();
  ASSERT_EQ(left.entries.size(), 2U);
  EXPECT_EQ(left.entries[0].part.sequence, 1U);
  EXPECT_EQ(left.entries[1].part.sequence, 3U);
}

TEST_F(FlightJournalTest, AFileThatOthersCouldHaveWrittenIsPassedBy) {
  KilledAfter([](FlightJournal& journal) { journal.Edge({7, 1}, At(10), 1); });
  const fs::path path = File();
  fs::permissions(path, fs::perms::group_write, fs::perm_options::add);
  EXPECT_TRUE(Left().empty()) << "the group can write to it";
  fs::permissions(path, fs::perms::group_write, fs::perm_options::remove);
  fs::create_hard_link(path, tree.root() / "second_name");
  EXPECT_TRUE(Left().empty()) << "it has another name";
  fs::remove(tree.root() / "second_name");
  fs::rename(path, tree.root() / "elsewhere");
  fs::create_symlink(tree.root() / "elsewhere", path);
  EXPECT_TRUE(Left().empty()) << "it lies elsewhere";
  EXPECT_TRUE(fs::is_symlink(path));
  fs::remove(path);
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_TRUE(Left().empty()) << "and nobody waits for a pipe";
  EXPECT_TRUE(fs::is_fifo(path));
  fs::remove(path);
  fs::rename(tree.root() / "elsewhere", path);
  EXPECT_EQ(Left().size(), 1U);
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  ASSERT_EQ(chown(path.c_str(), 65534, 65534), 0);
  EXPECT_TRUE(Left().empty()) << "it is another user's";
  EXPECT_TRUE(fs::exists(path));
}

TEST_F(FlightJournalTest, ASlotThatSaysNothingKnownIsSkipped) {
  KilledAfter([](FlightJournal& journal) {
    for (std::uint64_t k = 1; k <= 3; ++k) journal.Edge({7, k}, At(10), 1);
  });
  Overwrite(kFirstSlotAt + 2 * kSlotBytes, {'\5'});
  const FlightJournal::Left left = Only();
  ASSERT_EQ(left.entries.size(), 2U);
  EXPECT_EQ(left.entries[1].part.sequence, 3U);
}

TEST_F(FlightJournalTest, ATimeThatIsNoneIsTheBeginning) {
  KilledAfter([](FlightJournal& journal) { journal.Edge({7, 1}, At(10), 1); });
  Overwrite(kFirstSlotAt + kSlotBytes + 8, std::string(16, '\x80'));
  const FlightJournal::Left left = Only();
  ASSERT_EQ(left.entries.size(), 1U) << "the part is not lost with it";
  EXPECT_EQ(left.entries[0].trigger_at, TimePoint());
  EXPECT_EQ(left.entries[0].decided_at, TimePoint());
}

TEST_F(FlightJournalTest, ALongNameOfAReleaseIsCutWhole) {
  KilledAfter(
      [](FlightJournal& journal) {
        journal.Edge({7, 1}, At(10), 1);
      },
      7, std::string(100, 'a'));
  EXPECT_EQ(Only().entries.at(0).release, std::string(71, 'a'));
}

TEST_F(FlightJournalTest, EachPartHasTheReleaseOfItsEdge) {
  KilledAfter([](FlightJournal& journal) {
    journal.Edge({7, 1}, At(10), 1);
    journal.NameRelease(2, "fedcba");
    journal.NameRelease(Releases::kMost, "last");
    journal.Edge({7, 2}, At(20), 2);
    journal.Edge({7, 3}, At(30), 1);
    journal.Edge({7, 4}, At(40), Releases::kMost);
    journal.Decided(DecisionOf(2, false, judge::Reason::kLate));
  });
  std::vector<std::string> releases;
  for (const auto& entry : Only().entries) releases.push_back(entry.release);
  EXPECT_EQ(releases, (std::vector<std::string>{"0123456789ab", "fedcba", "0123456789ab", "last"}));
}

TEST_F(FlightJournalTest, ANumberThatNoReleaseHasNamesNone) {
  for (const char* number : {"\x00\x00", "\x41\x00", "\xff\xff"}) {
    KilledAfter([](FlightJournal& journal) { journal.Edge({7, 1}, At(10), 1); });
    Overwrite(kFirstSlotAt + kSlotBytes + 24, std::string(number, 2));
    EXPECT_EQ(Only().entries.at(0).release, "");
    fs::remove(File());
  }
}

// The number of a file is 0 then.
TEST_F(FlightJournalTest, AProcessWithoutStandardInputHasAJournalToo) {
  const pid_t child = fork();
  if (child == 0) {
    close(STDIN_FILENO);
    const bool begun = FlightJournal::Begin(place, 7, "ab").has_value();
    const auto left = FlightJournal::LeftBehind(place);
    _exit(begun && left && left->size() == 1 ? 0 : 1);
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
  EXPECT_TRUE(fs::is_empty(Memory())) << "half a journal does not stay";
}

#ifndef TAKTGATE_SANITIZED  // sanitizers need memory of their own
TEST_F(FlightJournalTest, WithoutMemoryForItThatIsSaid) {
  std::ifstream statm("/proc/self/statm");
  rlim_t pages = 0;
  statm >> pages;
  rlimit before{};
  getrlimit(RLIMIT_AS, &before);
  rlimit little = before;
  little.rlim_cur = pages * 4096 + (8U << 20);
  setrlimit(RLIMIT_AS, &little);
  const auto refused = FlightJournal::Begin(place, 7, "ab", 1U << 20);
  setrlimit(RLIMIT_AS, &before);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("Cannot allocate memory; parts in flight"),
            std::string::npos)
      << refused.error().message;
  EXPECT_TRUE(fs::is_empty(Memory()));
}
#endif

// What Begin, LeftBehind and the end of a journal leave open in this process.
TEST_F(FlightJournalTest, NothingStaysOpenOrMapped) {
  const auto open_files = [] {
    return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
  };
  const auto mapped = [] {
    std::ifstream maps("/proc/self/maps");
    const std::string all(std::istreambuf_iterator<char>(maps), {});
    return all.find(".in_flight") != std::string::npos;
  };
  const auto before = open_files();
  {
    const auto journal = FlightJournal::Begin(place, 7, "ab");
    ASSERT_TRUE(journal);
    EXPECT_EQ(open_files(), before);
    EXPECT_TRUE(mapped());
    const auto left = FlightJournal::LeftBehind(place);
    EXPECT_EQ(left.value().size(), 1U);
    EXPECT_EQ(open_files(), before);
  }
  EXPECT_FALSE(mapped());
}

// The slot of a part is used again by a later one. Killed at any moment, no part may be there with
// another part's time.
TEST_F(FlightJournalTest, KilledAtAnyMomentNoPartHasAnothersTime) {
  constexpr std::size_t kFew = 2;
  for (int round = 0; round < 300; ++round) {
    int begun[2];
    ASSERT_EQ(pipe(begun), 0);
    const pid_t child = fork();
    if (child == 0) {
      const auto journal = FlightJournal::Begin(place, 7, "ab", kFew);
      for (std::uint64_t k = 1;; ++k) {
        (*journal)->Edge({7, k}, TimePoint(Duration(k)), 1);
        if (k == 200 * kSlots && write(begun[1], "x", 1) != 1) _exit(1);
      }
    }
    char byte = 0;
    EXPECT_EQ(read(begun[0], &byte, 1), 1);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(begun[0]);
    close(begun[1]);
    const FlightJournal::Left left = Only();
    EXPECT_GE(left.entries.size(), kFew - 1);
    for (const FlightJournal::Entry& entry : left.entries) {
      ASSERT_NE(entry.part.sequence, 0U) << "no part has this number";
      ASSERT_EQ(entry.trigger_at, TimePoint(Duration(entry.part.sequence))) << round;
    }
    FlightJournal::LeftBehind(place).value().at(0)->Remove();
  }
}

TEST_F(FlightJournalTest, AFolderThatCannotBeUsedIsSaid) {
  for (const FlightJournal::Place& wrong :
       {FlightJournal::Place{tree.root() / "none", Memory()},
        FlightJournal::Place{place.state, tree.root() / "none"}}) {
    const auto refused = FlightJournal::Begin(wrong, 1, "ab");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kIo);
    EXPECT_NE(refused.error().message.find("No such file or directory; parts in flight at a crash"),
              std::string::npos);
    const auto unread = FlightJournal::LeftBehind(wrong);
    ASSERT_FALSE(unread);
    EXPECT_EQ(unread.error().code, ErrorCode::kIo);
    EXPECT_EQ(unread.error().message.find(tree.root().string()), 0U);
    EXPECT_NE(unread.error().message.find("No such file or directory; parts in flight at a crash"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace taktgate::record
