#include "line/gpio/gpio_kinds.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "line/gpio/fake_gpio.h"

namespace taktgate::line {
namespace {

class GpioKinds : public ::testing::Test {
 protected:
  GpioKinds() {
    board->chips = {{"soc", {}}};
    for (const char* name : {"A", "B", "C", "D"})
      board->chips[0].lines.push_back({name, false, ""});
    (void)around.shared.Get<GpioKernel>("", [this]() -> Result<std::shared_ptr<GpioKernel>> {
      return std::shared_ptr<GpioKernel>(board);
    });
  }
  DeviceTables Tables(const std::string& text) { return {*TomlFile::Parse(text), "/", error}; }

  const std::shared_ptr<testing::FakeGpio> board = std::make_shared<testing::FakeGpio>();
  VirtualClock clock;
  Surroundings around{clock, [](std::string_view) {}};
  std::optional<Error> error;
  LineFacts facts;
};

TEST_F(GpioKinds, AreNamedByTheirLines) {
  DeviceTables none = Tables("[input]\ndebounce = \"1ms\"\n[output]\nstrobe = \"1ms\"\n");
  EXPECT_FALSE(kGpioTriggerKind.named(none));
  EXPECT_FALSE(kGpioSignalsKind.named(none));
  EXPECT_FALSE(kGpioOutputKind.named(none));
  DeviceTables some = Tables("[input]\nencoder_a = \"soc/A\"\n[output]\nline_stop = \"soc/B\"\n");
  EXPECT_TRUE(kGpioTriggerKind.named(some));
  EXPECT_TRUE(kGpioSignalsKind.named(some));
  EXPECT_TRUE(kGpioOutputKind.named(some));
}

TEST_F(GpioKinds, TriggerAndSignalsShareTheInputs) {
  DeviceTables tables = Tables(
      "[input]\ntrigger = \"soc/A\"\nencoder_a = \"soc/C\"\nbin_sensor = \"soc/D\"\n"
      "debounce = \"100us\"\n");
  const auto open_trigger = kGpioTriggerKind.read(tables, facts);
  const auto open_signals = kGpioSignalsKind.read(tables, facts);
  ASSERT_FALSE(error) << error->message;
  EXPECT_TRUE(facts.trigger_wired);
  EXPECT_TRUE(facts.HasSignal(Signal::Kind::kEncoder));
  EXPECT_TRUE(facts.HasSignal(Signal::Kind::kBinSensor));
  EXPECT_FALSE(facts.HasSignal(Signal::Kind::kPlcBeat));
  auto trigger = open_trigger(around);
  ASSERT_TRUE(trigger) << trigger.error().message;
  const int files = board->open_files;
  auto signals = open_signals(around);
  ASSERT_TRUE(signals) << signals.error().message;
  EXPECT_EQ(board->open_files, files) << "the second asks the kernel for nothing";
  EXPECT_EQ(board->last_request.num_lines, 3U);
  EXPECT_FALSE(board->At("soc", "A").taken_by.empty());
  EXPECT_TRUE(board->At("soc", "B").taken_by.empty());
  // The last that uses them gives them back.
  around.shared = {};
  *trigger = nullptr;
  EXPECT_EQ(board->open_files, files);
  ASSERT_TRUE((*signals)->Start(TimePoint{}));
  *signals = nullptr;
  EXPECT_LT(board->open_files, files);
}

TEST_F(GpioKinds, WhatTheKernelRefusesIsSaidWithItsTable) {
  DeviceTables tables = Tables(
      "[input]\ntrigger = \"soc/none\"\n[output]\npass = \"soc/none\"\nheartbeat = \"soc/B\"\n");
  const auto trigger = kGpioTriggerKind.read(tables, facts)(around);
  ASSERT_FALSE(trigger);
  EXPECT_EQ(trigger.error().message.find("[input]: "), 0U) << trigger.error().message;
  const auto output = kGpioOutputKind.read(tables, facts)(around);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().message.find("[output]: "), 0U) << output.error().message;
}

TEST_F(GpioKinds, EachOutputDrivesTheLineThatIsNamedForIt) {
  DeviceTables tables =
      Tables("[output]\npass = \"soc/B\"\nheartbeat = \"soc/A\"\nline_stop = \"soc/D\"\n");
  const auto output = kGpioOutputKind.read(tables, facts)(around);
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_TRUE(facts.output_wired);
  for (const auto& [line, name] :
       {std::pair{OutputLine::kPass, "B"}, std::pair{OutputLine::kHeartbeat, "A"},
        std::pair{OutputLine::kLineStop, "D"}}) {
    EXPECT_TRUE((*output)->Set(line, true, clock.Now(), TimePoint::max()));
    EXPECT_TRUE(board->At("soc", name).energised) << name;
  }
  EXPECT_FALSE(board->At("soc", "C").energised);
}

TEST_F(GpioKinds, InputsNeedATriggerAndOutputsPassAndHeartbeat) {
  DeviceTables inputs = Tables("[input]\nbin_sensor = \"soc/A\"\n");
  (void)kGpioTriggerKind.read(inputs, facts);
  ASSERT_TRUE(error);
  EXPECT_NE(error->message.find("[input] needs trigger"), std::string::npos);
  error.reset();
  DeviceTables outputs = Tables("[output]\npass = \"soc/A\"\n");
  (void)kGpioOutputKind.read(outputs, facts);
  ASSERT_TRUE(error);
  EXPECT_NE(error->message.find("needs pass and heartbeat"), std::string::npos);
  error.reset();
  DeviceTables neither = Tables("");
  (void)kGpioTriggerKind.read(neither, facts);
  (void)kGpioOutputKind.read(neither, facts);
  EXPECT_FALSE(error) << "it is read though it is not named";
}

}  // namespace
}  // namespace taktgate::line
