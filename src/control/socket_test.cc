#include "control/socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <future>
#include <optional>
#include <thread>
#include <vector>

#include "base/test_tree.h"

namespace taktgate::control {
namespace {

using std::chrono::milliseconds;

class ControlSocketTest : public ::testing::Test {
 protected:
  taktgate::testing::Tree tree;
};

TEST_F(ControlSocketTest, OneLineInAndOneLineOut) {
  auto control = ControlSocket::Create(
      tree.root(), [](std::string_view line) { return "heard " + std::string(line); });
  ASSERT_TRUE(control) << control.error().message;
  for (const char* line : {"one", "two"}) {
    const auto answer = AskStation(tree.root(), line);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(*answer, "heard " + std::string(line));
  }
}

// A station that stands still finds the line when it goes on, and its caller gone.
TEST_F(ControlSocketTest, WhoHasHungUpIsNotObeyedLater) {
  std::promise<void> heard, go_on;
  std::vector<std::string> lines;
  auto control = ControlSocket::Create(tree.root(), [&](std::string_view line) {
    lines.emplace_back(line);
    if (line == "first") {
      heard.set_value();
      go_on.get_future().wait();
    }
    return "done";
  });
  ASSERT_TRUE(control);
  std::thread first([&] { EXPECT_TRUE(AskStation(tree.root(), "first", std::chrono::hours(1))); });
  heard.get_future().wait();
  const auto unanswered = AskStation(tree.root(), "stop", milliseconds(1));
  ASSERT_FALSE(unanswered);
  EXPECT_EQ(unanswered.error().code, ErrorCode::kTimeout);
  go_on.set_value();
  first.join();
  EXPECT_TRUE(AskStation(tree.root(), "last", std::chrono::hours(1)));
  EXPECT_EQ(lines, (std::vector<std::string>{"first", "last"}));
}

// A release takes seconds to load; whoever wants to stop the line meanwhile must be heard.
TEST_F(ControlSocketTest, AnAnswerThatTakesItsTimeKeepsNobodyElseWaiting) {
  std::promise<void> asked;
  std::atomic<bool> ready{false};
  int looks = 0;
  auto control = ControlSocket::Create(tree.root(), [&](std::string_view line) {
    if (line != "slow") return ControlSocket::Said("at once");
    return ControlSocket::Said([&]() -> std::optional<std::string> {
      if (++looks == 1) asked.set_value();
      if (!ready) return std::nullopt;
      return "at last";
    });
  });
  ASSERT_TRUE(control);
  std::thread slow([&] {
    const auto answer = AskStation(tree.root(), "slow", std::chrono::hours(1));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(*answer, "at last");
  });
  asked.get_future().wait();
  for (int call = 0; call < 20; ++call) {
    const auto answer = AskStation(tree.root(), "stop", std::chrono::hours(1));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(*answer, "at once");
  }
  ready = true;
  slow.join();
}

TEST_F(ControlSocketTest, WhereNobodyRunsTheCallerIsToldHowToStart) {
  const auto answer = AskStation(tree.root(), "status");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kNotFound);
}

// A station that was stopped (SIGSTOP) takes no calls; the kernel holds some of them, and then
// none.
TEST_F(ControlSocketTest, AStationThatStandsStillHoldsNoCaller) {
  const int stopped = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (tree.root() / "control").string().copy(address.sun_path, sizeof address.sun_path - 1);
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  ASSERT_EQ(bind(stopped, name, sizeof address), 0);
  ASSERT_EQ(listen(stopped, 8), 0);
  const auto first = AskStation(tree.root(), "status", milliseconds(1));
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, ErrorCode::kTimeout) << "it was taken, and not answered";
  std::vector<int> callers;
  bool full = false;
  while (!full) {
    callers.push_back(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    full = connect(callers.back(), name, sizeof address) != 0;
  }
  ASSERT_EQ(errno, EAGAIN);
  const auto late = AskStation(tree.root(), "status", milliseconds(1));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(late.error().message, first.error().message);
  for (const int caller : callers) close(caller);
  close(stopped);
}

}  // namespace
}  // namespace taktgate::control
