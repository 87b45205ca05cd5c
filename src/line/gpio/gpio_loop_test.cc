#include "line/gpio/gpio_loop.h"

#include <gtest/gtest.h>

#include "line/gpio/fake_gpio.h"

namespace taktgate::line {
namespace {

using std::chrono::milliseconds;
using testing::FakeGpio;

class GpioLoopTest : public ::testing::Test {
 protected:
  GpioLoopTest() {
    FakeGpio::Chip chip{"soc", {}};
    for (const char* name : {"OUT", "BACK", "PASS", "READY"}) {
      chip.lines.push_back({name, false, ""});
    }
    board.chips = {chip, {"other", {{"X", false, ""}}}};
    wiring.trigger_out = {"soc", "OUT"};
    wiring.trigger_back = {"soc", "BACK"};
    Back(OutputLine::kPass) = GpioName{"soc", "PASS"};
    Back(OutputLine::kReady) = GpioName{"soc", "READY"};
  }
  std::optional<GpioName>& Back(OutputLine line) {
    return wiring.back[static_cast<std::size_t>(line)];
  }
  std::string Refused() {
    const auto opened = GpioLoop::Open(board, wiring);
    return opened ? "accepted" : opened.error().message;
  }

  FakeGpio board;
  GpioLoopWiring wiring;
};

TEST_F(GpioLoopTest, WhatIsDrivenComesBackWithTheKernelsTimes) {
  board.Wire(0, 1);  // OUT to BACK
  auto loop = GpioLoop::Open(board, wiring);
  ASSERT_TRUE(loop) << loop.error().message;
  board.now = TimePoint(milliseconds(7));
  ASSERT_TRUE((*loop)->Drive(true));
  ASSERT_TRUE((*loop)->Drive(true)) << "no change, no edge";
  board.now = TimePoint(milliseconds(8));
  ASSERT_TRUE((*loop)->Drive(false));
  board.Edge(2, 1, TimePoint(milliseconds(9)));
  GpioLoop::Event event;
  ASSERT_EQ((*loop)->Next({}, event), Wait::kReady);
  EXPECT_FALSE(event.line);
  EXPECT_TRUE(event.energised);
  EXPECT_EQ(event.at, TimePoint(milliseconds(7)));
  ASSERT_EQ((*loop)->Next({}, event), Wait::kReady);
  EXPECT_FALSE(event.energised);
  ASSERT_EQ((*loop)->Next({}, event), Wait::kReady);
  EXPECT_EQ(event.line, OutputLine::kPass);
  EXPECT_TRUE(event.energised);
  EXPECT_EQ((*loop)->Next({}, event), Wait::kTimeout);
}

TEST_F(GpioLoopTest, AWitnessThatMissedSomethingSaysSo) {
  auto loop = GpioLoop::Open(board, wiring);
  ASSERT_TRUE(loop);
  board.Edge(2, 2, TimePoint(milliseconds(9)));
  GpioLoop::Event event;
  EXPECT_EQ((*loop)->Next({}, event), Wait::kFault);
  board.gone = true;
  EXPECT_EQ((*loop)->Next({}, event), Wait::kFault);
  EXPECT_FALSE((*loop)->Drive(true));
}

TEST_F(GpioLoopTest, WiringsThatMakeNoSenseAreRefused) {
  Back(OutputLine::kReady) = {};
  EXPECT_NE(Refused().find("READY comes back"), std::string::npos);
  Back(OutputLine::kReady) = GpioName{"other", "X"};
  EXPECT_NE(Refused().find("two chips"), std::string::npos);
  Back(OutputLine::kReady) = GpioName{"soc", "PASS"};
  EXPECT_NE(Refused().find("named twice"), std::string::npos);
  Back(OutputLine::kReady) = GpioName{"soc", "OUT"};
  EXPECT_NE(Refused().find("named twice"), std::string::npos);
  EXPECT_EQ(board.open_files, 0);
}

}  // namespace
}  // namespace taktgate::line
