#include "base/dropping_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "base/say_now.h"

namespace taktgate {
namespace {

using std::chrono::milliseconds;

class DroppingWriterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    fcntl(ends[1], F_SETPIPE_SZ, 4096);
  }
  void TearDown() override {
    close(ends[0]);
    if (ends[1] >= 0) close(ends[1]);
  }
  // As a person who presses Ctrl-S: the next write waits.
  void FillPipe() {
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    while (write(ends[1], "#", 1) == 1) continue;
    fcntl(ends[1], F_SETFL, 0);
  }
  // All that is there, without the filling.
  std::string Read(std::size_t least) {
    std::string text;
    std::array<char, 4096> bytes;
    while (text.size() < least) {
      const ssize_t came = read(ends[0], bytes.data(), bytes.size());
      if (came <= 0) break;
      for (const char one : std::string_view(bytes.data(), static_cast<std::size_t>(came))) {
        if (one != '#') text += one;
      }
    }
    return text;
  }
  std::array<int, 2> ends{-1, -1};
};

TEST_F(DroppingWriterTest, WritesAllInOrder) {
  DroppingWriter writer(ends[1]);
  writer.Write("one ");
  writer.Write("two ");
  writer.Write("three");
  EXPECT_TRUE(writer.Flush());
  EXPECT_EQ(Read(13), "one two three");
  EXPECT_EQ(writer.dropped(), 0U);
}

TEST_F(DroppingWriterTest, WhoDoesNotReadHoldsNobodyAndIsToldWhatHeMissed) {
  FillPipe();
  DroppingWriter writer(ends[1], 100);
  writer.Write("kept\n");
  EXPECT_FALSE(writer.Flush(milliseconds(1)));
  // The thread holds what it began with, if it has; 100 bytes more may wait, and no more.
  const std::string text(50, 'x');
  for (int k = 0; k < 1000; ++k) writer.Write(text);
  EXPECT_GE(writer.dropped(), 998U);
  const std::uint64_t dropped = writer.dropped();
  std::string came = Read(5 + 50 * (1000 - dropped));
  EXPECT_TRUE(writer.Flush(std::chrono::seconds(60)));
  writer.Write("back\n");
  const std::string notice = "taktgate: " + std::to_string(dropped) +
                             " messages were dropped here while nobody read them\nback\n";
  EXPECT_EQ(Read(notice.size()), notice);
  EXPECT_EQ(came.substr(0, 5), "kept\n");
}

TEST_F(DroppingWriterTest, WhatTheNextTextReplacesIsNotKept) {
  FillPipe();
  DroppingWriter writer(ends[1]);
  writer.Write("a");
  for (int k = 0; k < 10; ++k) writer.WriteIfIdle("live");
  EXPECT_EQ(Read(1), "a");
  EXPECT_TRUE(writer.Flush(std::chrono::seconds(60)));
  writer.WriteIfIdle("live");
  EXPECT_EQ(Read(4), "live");
  EXPECT_EQ(writer.dropped(), 0U);
}

TEST_F(DroppingWriterTest, AReaderThatHasGoneIsNoError) {
  std::signal(SIGPIPE, SIG_IGN);
  DroppingWriter writer(ends[1]);
  close(std::exchange(ends[0], open("/dev/null", O_RDONLY | O_CLOEXEC)));
  writer.Write("nobody");
  EXPECT_TRUE(writer.Flush(std::chrono::seconds(60)));
}

TEST_F(DroppingWriterTest, APipeThatMustNotBlockIsWaitedFor) {
  FillPipe();
  fcntl(ends[1], F_SETFL, O_NONBLOCK);
  DroppingWriter writer(ends[1]);
  writer.Write("whole");
  EXPECT_EQ(Read(5), "whole");
}

TEST_F(DroppingWriterTest, ManyThreadsMayWrite) {
  DroppingWriter writer(ends[1]);
  std::vector<std::thread> threads;
  for (int k = 0; k < 4; ++k) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) writer.Write("12345");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Read(2000).size(), 2000U);
}

// A full pipe and last words: the death test of LastCatch shows that they hold nobody.
TEST(SayNow, LeavesErrnoAlone) {
  errno = EBADMSG;
  SayNow("");
  EXPECT_EQ(errno, EBADMSG);
}

}  // namespace
}  // namespace taktgate
