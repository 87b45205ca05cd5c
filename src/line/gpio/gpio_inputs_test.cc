#include "line/gpio/gpio_inputs.h"

#include <gtest/gtest.h>

#include <vector>

#include "line/gpio/fake_gpio.h"

namespace taktgate::line {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using testing::FakeGpio;

TimePoint At(Duration time) { return TimePoint(time); }

// The chip's line of each input is its number.
GpioInputWiring Wired(std::initializer_list<GpioInput> inputs) {
  GpioInputWiring wiring;
  for (const GpioInput input : inputs) {
    const auto index = static_cast<std::size_t>(input);
    wiring.lines[index] = GpioName{"soc", "IN" + std::to_string(index)};
  }
  return wiring;
}

GpioInputWiring Everything() {
  return Wired({GpioInput::kTrigger, GpioInput::kGateSensor, GpioInput::kBinSensor,
                GpioInput::kPlcBeat, GpioInput::kEncoderA, GpioInput::kEncoderB});
}

class GpioInputsTest : public ::testing::Test {
 protected:
  GpioInputsTest() : clock(At(milliseconds(10))) {
    FakeGpio::Chip chip{"soc", {}};
    for (std::size_t i = 0; i < kGpioInputs; ++i) {
      chip.lines.push_back({"IN" + std::to_string(i), false, ""});
    }
    board.chips = {chip, {"other", {{"X", false, ""}}}};
  }
  void Open(const GpioInputWiring& wiring) {
    auto opened = GpioInputs::Open(board, wiring, clock);
    ASSERT_TRUE(opened) << opened.error().message;
    inputs = std::move(*opened);
    ASSERT_TRUE(inputs->trigger().Start(At({})));
    ASSERT_TRUE(inputs->signals().Start(At({})));
  }
  std::string Refused(const GpioInputWiring& wiring) {
    const auto opened = GpioInputs::Open(board, wiring, clock);
    return opened ? "accepted" : opened.error().message;
  }
  void Happen(GpioInput input, bool rising = true) {
    const auto index = static_cast<std::uint32_t>(input);
    board.Edge(index, ++numbers[index], At(time += microseconds(100)), rising);
  }
  Wait Next() { return inputs->trigger().Next(clock.Now(), edge); }
  std::vector<Signal> AllSignals() {
    std::vector<Signal> all;
    Signal signal;
    while (inputs->signals().Next(clock.Now(), signal) == Wait::kReady) all.push_back(signal);
    return all;
  }
  // So many counts forwards or back, as a belt gives them.
  void Turn(int counts) {
    for (; counts > 0; --counts) {
      phase = (phase + 1) % 4;
      Happen(phase % 2 == 1 ? GpioInput::kEncoderA : GpioInput::kEncoderB,
             phase == 1 || phase == 2);
    }
    for (; counts < 0; ++counts) {
      Happen(phase % 2 == 1 ? GpioInput::kEncoderA : GpioInput::kEncoderB,
             phase == 3 || phase == 0);
      phase = (phase + 3) % 4;
    }
  }

  FakeGpio board;
  VirtualClock clock;
  std::unique_ptr<GpioInputs> inputs;
  Edge edge;
  std::array<std::uint32_t, kGpioInputs> numbers{};
  Duration time{};
  int phase = 0;
};

TEST_F(GpioInputsTest, TheKernelStampsAndDebouncesAllButTheEncoder) {
  GpioInputWiring wiring = Everything();
  wiring.debounce = microseconds(300);
  Open(wiring);
  EXPECT_EQ(board.last_request.num_lines, 6U);
  EXPECT_EQ(board.last_request.config.flags, GPIO_V2_LINE_FLAG_INPUT |
                                                 GPIO_V2_LINE_FLAG_EDGE_RISING |
                                                 GPIO_V2_LINE_FLAG_EDGE_FALLING);
  EXPECT_EQ(board.last_request.config.attrs[0].attr.debounce_period_us, 300U);
  EXPECT_EQ(board.last_request.config.attrs[0].mask, 0b000111U);
  EXPECT_EQ(board.last_request.event_buffer_size, 1024U);
}

TEST_F(GpioInputsTest, APartCarriesTheCountThatTheEncoderHadAtItsEdge) {
  Open(Everything());
  Turn(2);  // the first edge of each channel only tells its level
  Turn(5);
  Happen(GpioInput::kTrigger);
  const TimePoint when = At(time);
  Turn(-3);
  Happen(GpioInput::kTrigger, false);
  Happen(GpioInput::kTrigger);
  ASSERT_EQ(Next(), Wait::kReady);
  EXPECT_EQ(edge.count, 0U);
  EXPECT_EQ(edge.at, when);
  const std::uint32_t first = edge.encoder;
  ASSERT_EQ(Next(), Wait::kReady);
  EXPECT_EQ(edge.count, 1U);
  EXPECT_EQ(edge.encoder, first - 3);
  EXPECT_EQ(Next(), Wait::kTimeout);
  const auto signals = AllSignals();
  ASSERT_EQ(signals.size(), 10U);
  EXPECT_EQ(signals.back().value, first - 3);
}

TEST_F(GpioInputsTest, AnEncoderCountsOneForEachStepForwardsAndBack) {
  EncoderCounter counter(true);
  const auto up = [&] {
    EXPECT_TRUE(counter.OnEdge(false, true) && counter.OnEdge(true, true) &&
                counter.OnEdge(false, false) && counter.OnEdge(true, false));
  };
  up();
  const std::uint32_t base = counter.count();
  for (int i = 0; i < 25; ++i) up();
  EXPECT_EQ(counter.count(), base + 100);
  EXPECT_TRUE(counter.OnEdge(true, true) && counter.OnEdge(false, true) &&
              counter.OnEdge(true, false) && counter.OnEdge(false, false));
  EXPECT_EQ(counter.count(), base + 96);
  EXPECT_FALSE(counter.OnEdge(false, false)) << "A falls twice: an edge is missing";
  EncoderCounter single(false);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(single.OnEdge(false, i % 2 == 0));
  EXPECT_EQ(single.count(), 5U);
}

TEST_F(GpioInputsTest, SensorsSpeakOnceAndTheBeatWithBothLevels) {
  Open(Everything());
  Happen(GpioInput::kGateSensor);
  Happen(GpioInput::kGateSensor, false);
  Happen(GpioInput::kBinSensor);
  Happen(GpioInput::kPlcBeat);
  Happen(GpioInput::kPlcBeat, false);
  EXPECT_EQ(Next(), Wait::kTimeout);
  std::vector<std::pair<Signal::Kind, std::uint32_t>> said;
  for (const Signal& signal : AllSignals()) said.emplace_back(signal.kind, signal.value);
  using Kind = Signal::Kind;
  EXPECT_EQ(said, (std::vector<std::pair<Kind, std::uint32_t>>{{Kind::kGateSensor, 0},
                                                               {Kind::kBinSensor, 0},
                                                               {Kind::kPlcBeat, 1},
                                                               {Kind::kPlcBeat, 0}}));
}

TEST_F(GpioInputsTest, WhatWasThereAheadOfTheStartIsNoPartAndNoSignal) {
  Open(Everything());
  ASSERT_TRUE(inputs->trigger().Start(At(milliseconds(1))));
  ASSERT_TRUE(inputs->signals().Start(At(milliseconds(1))));
  Happen(GpioInput::kTrigger);
  Happen(GpioInput::kGateSensor);
  Turn(2);
  time = milliseconds(1);
  Happen(GpioInput::kTrigger, false);
  Happen(GpioInput::kTrigger);
  ASSERT_EQ(Next(), Wait::kReady);
  EXPECT_EQ(edge.count, 0U);
  EXPECT_EQ(Next(), Wait::kTimeout);
  for (const Signal& signal : AllSignals()) EXPECT_EQ(signal.kind, Signal::Kind::kEncoder);
}

// The belt runs while the model is loaded, and nobody reads: the kernel drops the oldest edges.
TEST_F(GpioInputsTest, AnEncoderThatTurnedDuringTheStartIsNoFault) {
  for (int dropped = 0; dropped < 8; ++dropped) {
    for (auto& chip : board.chips) {
      for (auto& line : chip.lines) line.taken_by.clear();
    }
    board.events.clear();
    numbers = {};
    time = {};
    phase = 0;
    Open(Everything());
    ASSERT_TRUE(inputs->trigger().Start(At(milliseconds(5))));
    ASSERT_TRUE(inputs->signals().Start(At(milliseconds(5))));
    Turn(3);
    ASSERT_EQ(Next(), Wait::kTimeout);
    Turn(dropped);
    board.events.clear();
    Turn(5);
    ASSERT_EQ(Next(), Wait::kTimeout) << dropped << ": " << inputs->trigger().fault();
    const std::uint32_t before = AllSignals().back().value;
    time = milliseconds(5);
    Turn(8);
    ASSERT_EQ(Next(), Wait::kTimeout) << dropped << ": " << inputs->trigger().fault();
    EXPECT_EQ(AllSignals().back().value, before + 8) << "from the start on every count is told";
  }
}

TEST_F(GpioInputsTest, APartThatTheKernelDroppedIsAGapInTheCount) {
  Open(Wired({GpioInput::kTrigger}));
  board.Edge(0, 1, At(milliseconds(1)));
  ASSERT_EQ(Next(), Wait::kReady);
  const std::uint64_t before = edge.count;
  for (std::uint32_t number = 2; number != 4; ++number) {
    board.Edge(0, number, At(milliseconds(number)), number % 2 == 1);
  }
  ASSERT_EQ(Next(), Wait::kReady);
  EXPECT_EQ(edge.count, before + 1) << "nothing is missing";
  board.Edge(0, 6, At(milliseconds(6)), false);
  board.Edge(0, 7, At(milliseconds(7)));
  ASSERT_EQ(Next(), Wait::kReady);
  EXPECT_EQ(edge.count, before + 3) << "4 and 5 hid a part";
}

TEST_F(GpioInputsTest, LostOrImpossibleEdgesOfOtherInputsAreFaultsInWords) {
  const auto words = [&](GpioInput input,
                         std::initializer_list<std::pair<std::uint32_t, bool>> edges) {
    board.events.clear();
    Open(Everything());
    for (const auto& [number, rising] : edges) {
      board.Edge(static_cast<std::uint32_t>(input), number, At(milliseconds(number)), rising);
    }
    EXPECT_EQ(Next(), Wait::kFault);
    for (auto& chip : board.chips) {
      for (auto& line : chip.lines) line.taken_by.clear();
    }
    return inputs->trigger().fault();
  };
  EXPECT_NE(words(GpioInput::kEncoderA, {{1, true}, {3, true}}).find("hardware counter"),
            std::string::npos);
  EXPECT_NE(words(GpioInput::kEncoderB, {{1, true}, {2, true}}).find("encoder_b: its edges"),
            std::string::npos);
  EXPECT_NE(words(GpioInput::kGateSensor, {{2, true}}).find("gate_sensor"), std::string::npos);
  Open(Everything());
  board.gone = true;
  EXPECT_EQ(Next(), Wait::kFault);
  EXPECT_NE(inputs->trigger().fault().find("chip"), std::string::npos);
}

TEST_F(GpioInputsTest, WiringsThatMakeNoSenseAreRefused) {
  EXPECT_NE(Refused(Wired({GpioInput::kGateSensor})).find("for the trigger"), std::string::npos);
  EXPECT_NE(Refused(Wired({GpioInput::kTrigger, GpioInput::kEncoderB})).find("encoder_a"),
            std::string::npos);
  GpioInputWiring twice = Wired({GpioInput::kTrigger, GpioInput::kBinSensor});
  twice.lines[static_cast<std::size_t>(GpioInput::kBinSensor)] = twice.lines[0];
  EXPECT_NE(Refused(twice).find("named twice, for trigger and bin_sensor"), std::string::npos);
  twice.lines[static_cast<std::size_t>(GpioInput::kBinSensor)] = GpioName{"other", "X"};
  EXPECT_NE(Refused(twice).find("one chip"), std::string::npos);
  EXPECT_EQ(board.open_files, 0);
}

}  // namespace
}  // namespace taktgate::line
