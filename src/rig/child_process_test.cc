#include "rig/child_process.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/test_tree.h"
#include "base/test_wait.h"
#include "rig/test_emulated.h"

namespace taktgate::rig {
namespace {

using taktgate::testing::Comes;

// The child is this program, that of the tests, with words that end it at once or let it wait.
class Children : public ::testing::Test {
 protected:
  Children() { EXPECT_EQ(mkfifo(pipe.c_str(), 0600), 0); }
  void SetUp() override {
    if (testing::Emulated()) GTEST_SKIP() << "an emulated program cannot start itself again";
  }

  static std::vector<std::string> EndsWell() { return {"--gtest_list_tests"}; }
  // It reads its options from a pipe into which nobody writes.
  std::vector<std::string> Waits() const { return {"--gtest_flagfile=" + pipe.string()}; }
  std::optional<int> EndOf(ChildProcess& child) {
    EXPECT_TRUE(Comes("the child's end", [&] { return child.Ended().has_value(); }));
    return child.Ended();
  }
  std::string Log() const {
    std::ifstream file(log);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  taktgate::testing::Tree tree;
  const std::filesystem::path log = tree.root() / "log";
  const std::filesystem::path pipe = tree.root() / "pipe";
};

TEST_F(Children, TellHowTheyEnded) {
  ChildProcess child;
  EXPECT_FALSE(child.started());
  EXPECT_FALSE(child.Ended());
  ASSERT_TRUE(child.Start(EndsWell(), log));
  EXPECT_TRUE(child.started());
  EXPECT_EQ(EndOf(child), 0);
  setenv("GTEST_SHARD_INDEX", "0", 1);  // of how many is not said: it ends with 1
  ASSERT_TRUE(child.Start({}, log)) << "the same object serves again";
  unsetenv("GTEST_SHARD_INDEX");
  EXPECT_EQ(EndOf(child), 1);
}

TEST_F(Children, AppendWhatTheyPrintToTheLog) {
  std::ofstream(log) << "before\n";
  ChildProcess child;
  ASSERT_TRUE(child.Start({"--gtest_list_tests", "--gtest_filter=Children.Append*"}, log));
  EXPECT_EQ(EndOf(child), 0);
  EXPECT_EQ(Log().rfind("before\n", 0), 0U);
  EXPECT_NE(Log().find("AppendWhatTheyPrintToTheLog"), std::string::npos) << Log();
}

TEST_F(Children, EndByASignalAsAShellTellsIt) {
  ChildProcess child;
  ASSERT_TRUE(child.Start(Waits(), log));
  EXPECT_FALSE(child.Ended());
  child.Signal(SIGTERM);
  EXPECT_EQ(EndOf(child), 128 + SIGTERM);
  child.Signal(SIGTERM);  // to nobody
  EXPECT_EQ(child.Ended(), 128 + SIGTERM);
}

// Also where the parent has blocked signals, as the line does.
TEST_F(Children, HearSignalsThatTheirParentHoldsBack) {
  sigset_t term, before;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &term, &before);
  ChildProcess child;
  ASSERT_TRUE(child.Start(Waits(), log));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  child.Signal(SIGTERM);
  EXPECT_EQ(EndOf(child), 128 + SIGTERM);
}

TEST_F(Children, AreGoneWhenKilledEvenIfStopped) {
  ChildProcess child;
  ASSERT_TRUE(child.Start(Waits(), log));
  child.Signal(SIGSTOP);
  child.Kill();
  EXPECT_EQ(child.Ended(), 128 + SIGKILL);
  child.Kill();
  EXPECT_EQ(child.Ended(), 128 + SIGKILL);
}

TEST_F(Children, AreKilledWhenAnotherTakesTheirPlaceOrTheObjectGoes) {
  {
    ChildProcess child;
    ASSERT_TRUE(child.Start(Waits(), log));
    ASSERT_TRUE(child.Start(Waits(), log));
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), 0) << "one runs";
  }
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD) << "and none is left, running or dead";
}

TEST_F(Children, NeedALogThatCanBeWritten) {
  ChildProcess child;
  const Status started = child.Start(EndsWell(), tree.root() / "none/log");
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::kIo);
  EXPECT_NE(started.error().message.find("none/log"), std::string::npos);
  EXPECT_FALSE(child.started());
}

}  // namespace
}  // namespace taktgate::rig
