// Linked into each program with mutants: reads which one is alive, and writes down for each test
// which ones it comes by: "test <name> <microseconds of CPU> <microseconds> <number>...".
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace taktgate_mutants {
namespace {

constexpr int kMost = 1 << 16;

// Ahead of every other initialisation, which may have mutants of its own.
__attribute__((constructor(101))) void Choose() {
  const char* text = std::getenv("TAKTGATE_MUTANT");
  chosen = text == nullptr ? 0 : std::atoi(text);
  // Shared, so that what a forked child comes by is seen, too.
  notes = static_cast<unsigned char*>(
      mmap(nullptr, kMost, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
}

long CpuOf(int who) {
  rusage usage{};
  getrusage(who, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000L + usage.ru_utime.tv_usec +
         usage.ru_stime.tv_usec;
}
long Now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}
long Cpu() { return CpuOf(RUSAGE_SELF) + CpuOf(RUSAGE_CHILDREN); }

class Writer final : public testing::EmptyTestEventListener {
 public:
  explicit Writer(const char* path) : file_(std::fopen(path, "w")) {}
  // What is come by before main belongs to every test.
  void OnTestProgramStart(const testing::UnitTest&) override { Write("start", 0, 0); }
  void OnTestStart(const testing::TestInfo&) override {
    Clear();
    began_ = Cpu();
    began_at_ = Now();
  }
  void OnTestEnd(const testing::TestInfo& info) override {
    Write(std::string(info.test_suite_name()) + "." + info.name(), Cpu() - began_,
          Now() - began_at_);
  }
  void OnTestProgramEnd(const testing::UnitTest&) override { std::fclose(file_); }

 private:
  static void Clear() { std::fill_n(notes, kMost, static_cast<unsigned char>(0)); }
  void Write(const std::string& name, long cpu, long wall) {
    std::fprintf(file_, "test %s %ld %ld", name.c_str(), cpu, wall);
    for (int i = 0; i < kMost; ++i) {
      if (notes[i] != 0) std::fprintf(file_, " %d", i);
    }
    std::fprintf(file_, "\n");
    std::fflush(file_);
  }

  std::FILE* const file_;
  long began_ = 0;
  long began_at_ = 0;
};

const bool listening = [] {
  const char* path = std::getenv("TAKTGATE_MUTANT_NOTES");
  if (path == nullptr) return false;
  testing::UnitTest::GetInstance()->listeners().Append(new Writer(path));
  return true;
}();

}  // namespace

int chosen = 0;
unsigned char* notes = nullptr;

}  // namespace taktgate_mutants
