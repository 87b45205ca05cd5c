// Runs that are killed, and whose record file is renamed, removed, rotated or full, at any moment.
#include "record/runs.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "base/json_text.h"
#include "base/test_form.h"
#include "base/test_tree.h"
#include "record/run_mark.h"
#include "record/test_releases.h"

namespace taktgate::record {
namespace {

namespace fs = std::filesystem;

// What the station's process did, however it ended. In memory that both processes have.
struct Truth {
  std::atomic<std::uint32_t> boot{0};
  std::atomic<std::uint64_t> parts{0};  // that are in the journal
  std::atomic<bool> wrong{false};
};

// What is done to the station of one run.
struct Fate {
  std::uint64_t end = 0;      // after so many parts
  bool killed = true;         // or it ends by itself
  std::uint64_t renamed = 0;  // the file, after so many parts; 0: not
  std::uint64_t removed = 0;
  std::uint64_t full_from = 0;  // the disk, from so many parts on
  std::uint64_t full_until = 0;
  bool full_at_start = false;
  std::uint64_t rotate_bytes = 0;
  std::uint64_t flush_every = 1;
};

Fate Draw(std::mt19937& random) {
  const auto upto = [&](std::uint64_t most) { return random() % (most + 1); };
  Fate fate;
  fate.end = 1 + upto(200);
  fate.killed = upto(9) != 0;
  if (upto(3) == 0) fate.renamed = 1 + upto(fate.end - 1);
  if (upto(5) == 0) fate.removed = 1 + upto(fate.end - 1);
  if (upto(3) == 0) fate.full_from = 1 + upto(fate.end - 1);
  fate.full_until = fate.full_from + upto(100);
  fate.full_at_start = upto(7) == 0;
  if (upto(4) == 0) fate.rotate_bytes = 30'000 + upto(50'000);
  fate.flush_every = 1 + upto(10);
  return fate;
}

void SetFull(bool full, const fs::path& file) {
  std::error_code none;
  const auto size = fs::file_size(file, none);
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = full ? (none ? 0 : size) + 700 : limit.rlim_max;
  setrlimit(RLIMIT_FSIZE, &limit);
}

class RunsTest : public ::testing::Test {
 protected:
  RunsTest() {
    fs::create_directories(place.state);
    fs::create_directories(place.memory);
    void* memory =
        mmap(nullptr, sizeof(Truth), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    truth = new (memory) Truth;
  }
  ~RunsTest() override {
    munmap(truth, sizeof(Truth));
    for (const int fd : removed) close(fd);
  }

  // The station of one run, in a process of its own.
  [[noreturn]] void Station(const Fate& fate) {
    std::signal(SIGXFSZ, SIG_IGN);
    Rotation rotation;
    rotation.bytes = fate.rotate_bytes;
    rotation.keep = 10'000;
    RecordFile file(records, rotation, testing::SmallReleases(), [](std::string_view) {});
    if (!file.Open()) Fail();
    Runs runs(place, records, &file, [](std::string_view) {});
    if (fate.full_at_start) SetFull(true, records);
    // The mark and the counter need a disk too: without one there is no start, and nothing is lost.
    auto boot = runs.Begin("ab", 20'000);
    SetFull(false, records);
    if (!boot && !fate.full_at_start) Fail();
    if (!boot) _exit(0);
    truth->boot = *boot;
    constexpr std::uint64_t kInFlight = 3;
    for (std::uint64_t part = 1; part <= fate.end + kInFlight; ++part) {
      if (part <= fate.end) {
        runs.journal()->Edge({*boot, part}, TimePoint(Duration(part)), 1);
        truth->parts = part;
      }
      if (part == fate.full_from) SetFull(true, records);
      if (part == fate.full_until) SetFull(false, records);
      if (part > kInFlight) Decide(*boot, part - kInFlight, *runs.journal(), file);
      if (part % fate.flush_every == 0) file.Flush();
      if (part % 20 == 0) sched_yield();  // for the one that kills
    }
    if (fate.killed) pause();
    SetFull(false, records);
    if (!runs.End()) Fail();
    _exit(0);
  }
  [[noreturn]] void Fail() {
    truth->wrong = true;
    _exit(1);
  }
  static void Decide(std::uint32_t boot, std::uint64_t part, FlightJournal& journal,
                     RecordFile& file) {
    Record record;
    record.decision.part = {boot, part};
    record.decision.release = 1;
    record.decision.released = true;
    if (part % 2 == 0) journal.WillPass({boot, part});
    journal.Decided(record.decision);
    file.Write(record);
  }

  // The world around it, in this process.
  void Round(const Fate& fate) {
    truth->parts = 0;
    const pid_t child = fork();
    if (child == 0) Station(fate);
    bool ended = false;
    const auto reached = [&](std::uint64_t parts) {
      while (!ended && truth->parts < parts) {
        ended = waitpid(child, nullptr, WNOHANG) == child;
        sched_yield();
      }
    };
    if (fate.renamed != 0) {
      reached(fate.renamed);
      std::error_code not_there;
      fs::rename(records, records.string() + "-" + std::to_string(++names), not_there);
    }
    if (fate.removed != 0) {
      reached(fate.removed);
      const int fd = open(records.c_str(), O_RDONLY | O_CLOEXEC);
      if (fd >= 0) removed.push_back(fd);  // its content is checked anyway
      std::error_code not_there;
      fs::remove(records, not_there);
    }
    if (fate.killed) {
      reached(fate.end);
      kill(child, SIGKILL);
    }
    if (!ended) waitpid(child, nullptr, 0);
    ASSERT_FALSE(truth->wrong);
    if (truth->parts > 0) parts[truth->boot] = truth->parts;
  }

  using Counts = std::map<std::string, int>;
  // How often each part has a decision in the files that are there, and in those that were removed.
  // A line that was written in the moment of a removal stands in the next file, too.
  Counts Decisions(Counts* gone = nullptr) {
    Counts there;
    const auto count = [&](std::istream& text, Counts& found) {
      for (std::string line; std::getline(text, line);) {
        const auto record = LooseJson(line);
        if (record.is_discarded()) continue;  // what a kill cut off; the next run ends that line
        if (record["kind"] == "decision") ++found[record["part"].get<std::string>()];
      }
    };
    for (const auto& entry : fs::directory_iterator(records.parent_path())) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path());
      count(file, there);
    }
    for (const int fd : removed) {
      std::string text;
      std::array<char, 65536> bytes;
      for (ssize_t came = 0, at = 0; (came = pread(fd, bytes.data(), bytes.size(), at)) > 0;
           at += came) {
        text.append(bytes.data(), static_cast<std::size_t>(came));
      }
      std::istringstream file(text);
      if (gone != nullptr) count(file, *gone);
    }
    return there;
  }

  taktgate::testing::Tree tree;
  FlightJournal::Place place{tree.root() / "state", tree.root() / "memory"};
  fs::path records = tree.root() / "r.jsonl";
  Truth* truth = nullptr;
  std::map<std::uint32_t, std::uint64_t> parts;  // by boot
  std::vector<int> removed;
  int names = 0;
};

TEST_F(RunsTest, EachPartHasOneDecisionWhateverHappens) {
  const std::uint64_t rounds =
      taktgate::testing::Form("kills, renames, removals and full disks", 100, 1000);
  std::mt19937 random(20261130);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    ASSERT_NO_FATAL_FAILURE(Round(Draw(random))) << round;
  }
  Fate last;
  last.end = 5;
  last.killed = false;
  ASSERT_NO_FATAL_FAILURE(Round(last));
  Counts gone;
  auto decisions = Decisions(&gone);
  std::uint64_t all = 0;
  for (const auto& [boot, count] : parts) {
    for (std::uint64_t part = 1; part <= count; ++part, ++all) {
      const gate::PartId id{boot, part};
      const std::string name = gate::NameOf(id);
      ASSERT_EQ(decisions[name], gone[name] > 0 ? decisions[name] : 1) << name;
      ASSERT_LE(decisions[name], 1) << name;
      decisions.erase(gate::NameOf(id));
    }
    decisions.erase(gate::NameOf({boot, count + 1}));  // killed before it could be counted here
  }
  EXPECT_TRUE(decisions.empty()) << decisions.begin()->first;
  EXPECT_TRUE(fs::is_empty(place.memory)) << "no record is missing any more";
  EXPECT_TRUE(ReadRunMark(place.state)->ended);
  std::printf("%llu parts of %zu runs\n", static_cast<unsigned long long>(all), parts.size());
}

TEST_F(RunsTest, AStartThatFailsOwesWhatItFound) {
  Fate killed;
  killed.end = 10;
  ASSERT_NO_FATAL_FAILURE(Round(killed));
  fs::create_directories(place.state / "boot_away");
  fs::rename(place.state / "boot", place.state / "boot_away" / "boot");
  fs::create_directories(place.state / "boot");  // so that the counter cannot be raised
  {
    RecordFile file(records, {}, testing::SmallReleases(), [](std::string_view) {});
    ASSERT_TRUE(file.Open());
    fs::permissions(records, fs::perms::owner_read);
    Runs runs(place, records, &file, [](std::string_view) {});
    EXPECT_FALSE(runs.Begin("ab", 100));
  }
  fs::remove(place.state / "boot");
  Fate last;
  last.end = 1;
  last.killed = false;
  ASSERT_NO_FATAL_FAILURE(Round(last));
  EXPECT_EQ(truth->boot, 2U) << "the counter is gone, and the records know better";
  for (const auto& [part, count] : Decisions()) EXPECT_EQ(count, 1) << part;
  EXPECT_GE(Decisions().size(), 11U);
}

// A unit that crashes again and again has little memory.
TEST_F(RunsTest, AJournalThatOwesNothingGoesWithTheNextStart) {
  Fate killed;
  killed.end = 10;
  for (int run = 0; run < 4; ++run) {
    ASSERT_NO_FATAL_FAILURE(Round(killed));
    EXPECT_EQ(std::distance(fs::directory_iterator(place.memory), {}), 1) << run;
  }
}

TEST_F(RunsTest, AfterARestartOfTheUnitThatIsSaidOnce) {
  Fate killed;
  killed.end = 10;
  ASSERT_NO_FATAL_FAILURE(Round(killed));
  fs::remove_all(place.memory);
  fs::create_directories(place.memory);
  const auto begin = [&] {
    std::vector<std::string> notices;
    RecordFile file(records, {}, testing::SmallReleases(), [](std::string_view) {});
    EXPECT_TRUE(file.Open());
    Runs runs(place, records, &file, [&](std::string_view text) { notices.emplace_back(text); });
    EXPECT_TRUE(runs.Begin("ab", 100));
    EXPECT_TRUE(runs.End());
    return notices;
  };
  const auto first = begin();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_NE(first[0].find("is not known"), std::string::npos);
  EXPECT_TRUE(begin().empty());
}

TEST_F(RunsTest, WithoutRecordsNothingIsMissing) {
  for (int run = 0; run < 2; ++run) {
    std::vector<std::string> notices;
    Runs runs(place, {}, nullptr, [&](std::string_view text) { notices.emplace_back(text); });
    ASSERT_TRUE(runs.Begin("ab", 100));
    runs.journal()->Edge({1, 1}, TimePoint{}, 1);
    EXPECT_TRUE(runs.End());
    EXPECT_TRUE(notices.empty());
    EXPECT_TRUE(fs::is_empty(place.memory));
  }
}

}  // namespace
}  // namespace taktgate::record
