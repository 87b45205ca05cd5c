#include "line/gpio/gpio_output.h"

#include <gtest/gtest.h>

#include "line/gpio/fake_gpio.h"

namespace taktgate::line {
namespace {

using std::chrono::milliseconds;
using testing::FakeGpio;

TimePoint At(Duration time) { return TimePoint(time); }

FakeGpio Board() {
  FakeGpio board;
  const auto chip = [](const char* label, std::initializer_list<const char*> names) {
    FakeGpio::Chip made{label, {}};
    for (const char* name : names) made.lines.push_back({name, false, ""});
    return made;
  };
  board.chips = {chip("soc-gpio", {"GPIO0", "GPIO1", "GPIO2"}),
                 chip("expander", {"OUT0", "OUT1", "OUT2", "OUT3"})};
  return board;
}

GpioOutput::Wiring Wired(std::initializer_list<std::pair<OutputLine, GpioName>> lines) {
  GpioOutput::Wiring wiring;
  for (const auto& [line, name] : lines) wiring[static_cast<std::size_t>(line)] = name;
  return wiring;
}

template <typename T>
std::string WordsOf(const Result<T>& result) {
  return result ? "accepted" : result.error().message;
}

TEST(GpioName, IsChipAndLine) {
  EXPECT_EQ(*ParseGpioName("pinctrl-rp1/GPIO17"), (GpioName{"pinctrl-rp1", "GPIO17"}));
  for (const char* text : {"", "GPIO17", "/GPIO17", "chip/"}) {
    EXPECT_NE(WordsOf(ParseGpioName(text)).find("expected a GPIO line"), std::string::npos) << text;
  }
}

TEST(GpioOutput, DrivesEachLineOnItsOwnWire) {
  FakeGpio board = Board();
  auto output = GpioOutput::Open(board, Wired({{OutputLine::kPass, {"expander", "OUT1"}},
                                               {OutputLine::kReady, {"expander", "OUT3"}},
                                               {OutputLine::kHeartbeat, {"soc-gpio", "GPIO2"}}}));
  ASSERT_TRUE(output) << output.error().message;
  const auto set = [&](OutputLine line, bool energised) {
    return output->Set(line, energised, At(milliseconds(1)), TimePoint::max());
  };
  EXPECT_TRUE(set(OutputLine::kPass, true));
  EXPECT_TRUE(set(OutputLine::kHeartbeat, true));
  EXPECT_TRUE(board.At("expander", "OUT1").energised);
  EXPECT_FALSE(board.At("expander", "OUT3").energised);
  EXPECT_TRUE(board.At("soc-gpio", "GPIO2").energised);
  EXPECT_TRUE(set(OutputLine::kReady, true));
  EXPECT_TRUE(set(OutputLine::kPass, false));
  EXPECT_FALSE(board.At("expander", "OUT1").energised);
  EXPECT_TRUE(board.At("expander", "OUT3").energised);
  EXPECT_TRUE(set(OutputLine::kAmber, true)) << "not wired: nothing to do";
  EXPECT_TRUE(output->AllSafe(At(milliseconds(2))));
  EXPECT_FALSE(board.At("expander", "OUT3").energised);
  board.gone = true;
  EXPECT_FALSE(set(OutputLine::kPass, true)) << "a chip that is gone is no silent PASS";
}

TEST(GpioOutput, IsMadeSafeWithOneCallPerChip) {
  FakeGpio board = Board();
  board.At("expander", "OUT0").energised = true;  // somebody else's
  auto output = GpioOutput::Open(board, Wired({{OutputLine::kPass, {"expander", "OUT1"}},
                                               {OutputLine::kReady, {"expander", "OUT3"}},
                                               {OutputLine::kHeartbeat, {"soc-gpio", "GPIO2"}}}));
  ASSERT_TRUE(output) << output.error().message;
  for (const auto line : {OutputLine::kPass, OutputLine::kReady, OutputLine::kHeartbeat}) {
    ASSERT_TRUE(output->Set(line, true, At(milliseconds(1)), TimePoint::max()));
  }
  board.level_calls = 0;
  output->MakeSafeInSignal();
  EXPECT_EQ(board.level_calls, 2);
  EXPECT_FALSE(board.At("expander", "OUT1").energised);
  EXPECT_FALSE(board.At("expander", "OUT3").energised);
  EXPECT_FALSE(board.At("soc-gpio", "GPIO2").energised);
  EXPECT_TRUE(board.At("expander", "OUT0").energised);
}

TEST(GpioOutput, LinesStartWithoutCurrentAndAreGivenBack) {
  FakeGpio board = Board();
  board.At("expander", "OUT1").energised = true;  // left behind by a dead process
  {
    auto output = GpioOutput::Open(board, Wired({{OutputLine::kPass, {"expander", "OUT1"}}}));
    ASSERT_TRUE(output);
    EXPECT_FALSE(board.At("expander", "OUT1").energised);
    EXPECT_EQ(board.last_request.config.flags, GPIO_V2_LINE_FLAG_OUTPUT);
    EXPECT_EQ(board.last_request.config.attrs[0].attr.id, GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES);
    EXPECT_EQ(board.last_request.config.attrs[0].attr.values, 0U);
    EXPECT_EQ(board.last_request.config.attrs[0].mask, 1U);
    EXPECT_STREQ(board.last_request.consumer, "taktgate");
    EXPECT_EQ(board.open_files, 1);
  }
  EXPECT_EQ(board.open_files, 0);
}

TEST(GpioOutput, WhatIsWrongIsNamed) {
  FakeGpio board = Board();
  const auto words = [&](const GpioOutput::Wiring& wiring) {
    return WordsOf(GpioOutput::Open(board, wiring));
  };
  EXPECT_NE(words(Wired({{OutputLine::kReady, {"expander", "OUT1"}}})).find("for PASS"),
            std::string::npos);
  EXPECT_NE(words(Wired({{OutputLine::kPass, {"pinctrl", "OUT1"}}})).find("soc-gpio, expander"),
            std::string::npos);
  EXPECT_NE(words(Wired({{OutputLine::kPass, {"expander", "OUT9"}}})).find("\"OUT9\""),
            std::string::npos);
  EXPECT_NE(words(Wired({{OutputLine::kPass, {"expander", "OUT1"}},
                         {OutputLine::kRed, {"expander", "OUT1"}}}))
                .find("twice, the second time for RED"),
            std::string::npos);
  board.At("expander", "OUT1").taken_by = "other program";
  EXPECT_NE(words(Wired({{OutputLine::kPass, {"expander", "OUT1"}}})).find("taken by \"other"),
            std::string::npos);
  board.chips.clear();
  EXPECT_NE(words(Wired({{OutputLine::kPass, {"expander", "OUT1"}}})).find("no chip at all"),
            std::string::npos);
  EXPECT_EQ(board.open_files, 0) << "nothing stays open after a refusal";
}

TEST(LinuxGpioKernel, SaysWhyAFileIsNoChip) {
  LinuxGpioKernel kernel;
  EXPECT_LT(kernel.Open("/dev/no-such-gpiochip"), 0);
  const int fd = kernel.Open("/dev/null");
  ASSERT_GE(fd, 0);
  gpiochip_info info{};
  // ENOTTY of Linux itself; an emulator that does not know the request says ENOSYS or EINVAL.
  EXPECT_LT(kernel.Control(fd, GPIO_GET_CHIPINFO_IOCTL, &info), 0);
  kernel.Close(fd);
}

}  // namespace
}  // namespace taktgate::line
