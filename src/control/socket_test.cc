#include "control/socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
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

// A caller by hand: what it sends need not be a whole line.
class Caller {
 public:
  explicit Caller(const std::filesystem::path& folder)
      : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (folder / "control").string().copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  ~Caller() { close(fd_); }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  void Send(const std::string& text) const {
    EXPECT_EQ(send(fd_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  // Until the station hangs up.
  std::string Hear() const {
    std::string heard;
    char bytes[256];
    for (ssize_t came; (came = recv(fd_, bytes, sizeof bytes, 0)) > 0;) {
      heard.append(bytes, static_cast<std::size_t>(came));
    }
    return heard;
  }
  bool HungUp() const {
    char byte = 0;
    return recv(fd_, &byte, 1, MSG_DONTWAIT) == 0;
  }

 private:
  const int fd_;
};

class CallersByHand : public ControlSocketTest {
 protected:
  CallersByHand() {
    auto made = ControlSocket::Create(tree.root(), [this](std::string_view line) {
      lines.emplace_back(line);
      return "done";
    });
    EXPECT_TRUE(made) << made.error().message;
    control = std::move(*made);
  }

  std::vector<std::string> lines;  // read only after the caller has its answer
  std::unique_ptr<ControlSocket> control;
};

TEST_F(CallersByHand, ALineMayComeInPieces) {
  const Caller caller(tree.root());
  for (const char* piece : {"st", "at", "us\n"}) caller.Send(piece);
  EXPECT_EQ(caller.Hear(), "done\n");
  EXPECT_EQ(lines, std::vector<std::string>{"status"});
}

TEST_F(CallersByHand, OneLineIsAnsweredAndWhatFollowsIsNot) {
  const Caller caller(tree.root());
  caller.Send("one\ntwo\n");
  EXPECT_EQ(caller.Hear(), "done\n");
  control.reset();
  EXPECT_EQ(lines, std::vector<std::string>{"one"});
}

TEST_F(CallersByHand, ALineThatIsTooLongIsNotAnswered) {
  const std::string longest(ControlSocket::kMaxLine, 'x');
  EXPECT_TRUE(AskStation(tree.root(), longest, std::chrono::hours(1)));
  const Caller caller(tree.root());
  caller.Send(longest + "x");
  EXPECT_EQ(caller.Hear(), "");
  EXPECT_TRUE(AskStation(tree.root(), "last", std::chrono::hours(1)));
  EXPECT_EQ(lines, (std::vector<std::string>{longest, "last"}));
}

TEST_F(CallersByHand, OneThatHangsUpOrSaysNothingHoldsNobodyUp) {
  const Caller silent(tree.root());
  { const Caller gone(tree.root()); }
  { Caller(tree.root()).Send("half a li"); }
  EXPECT_TRUE(AskStation(tree.root(), "status", std::chrono::hours(1)));
  EXPECT_EQ(lines, std::vector<std::string>{"status"});
}

// There are eight places.
TEST_F(CallersByHand, OfManySilentOnesTheOldestGivesWay) {
  std::vector<std::unique_ptr<Caller>> silent;
  for (int k = 0; k < 8; ++k) silent.push_back(std::make_unique<Caller>(tree.root()));
  EXPECT_TRUE(AskStation(tree.root(), "status", std::chrono::hours(1)));
  EXPECT_TRUE(silent.front()->HungUp());
}

TEST_F(CallersByHand, TheSocketIsForItsUserAndGroupAndGoesWithItsOwner) {
  const auto path = tree.root() / "control";
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            perms::owner_read | perms::owner_write | perms::group_read | perms::group_write);
  control.reset();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(ControlSocketTest, WhatADeadProcessLeftIsReplaced) {
  tree.Write("control", "left over");
  auto control = ControlSocket::Create(tree.root(), [](std::string_view) { return "here"; });
  ASSERT_TRUE(control) << control.error().message;
  const auto answer = AskStation(tree.root(), "status", std::chrono::hours(1));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(*answer, "here");
}

// Longer than the 107 bytes that a socket's address can hold.
TEST_F(ControlSocketTest, AFolderMayHaveALongName) {
  const auto folder = tree.root() / std::string(150, 'f');
  std::filesystem::create_directory(folder);
  auto control = ControlSocket::Create(folder, [](std::string_view) { return "here"; });
  ASSERT_TRUE(control) << control.error().message;
  EXPECT_TRUE(AskStation(folder, "status", std::chrono::hours(1)));
}

TEST_F(ControlSocketTest, AFolderThatIsNotThereIsNamed) {
  auto control = ControlSocket::Create(tree.root() / "none", [](std::string_view) { return ""; });
  ASSERT_FALSE(control);
  EXPECT_EQ(control.error().code, ErrorCode::kIo);
  EXPECT_NE(control.error().message.find("none/control"), std::string::npos);
  const auto answer = AskStation(tree.root() / "none", "status");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace taktgate::control
