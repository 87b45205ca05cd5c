#include "line/gpio/gpio_kinds.h"

#include <memory>
#include <string>
#include <utility>

#include "line/gpio/gpio_inputs.h"
#include "line/gpio/gpio_output.h"

namespace taktgate::line {
namespace {

void ReadGpioLine(StrictTable& table, std::string_view key, std::optional<GpioName>& line) {
  table.Parsed(key, [&](const std::string& text) -> std::optional<std::string> {
    const auto name = ParseGpioName(text);
    if (!name) return "a GPIO line as \"CHIP/LINE\", as gpioinfo shows them";
    line = *name;
    return std::nullopt;
  });
}

// One kernel for all lines; a test puts a board of its own there.
std::shared_ptr<GpioKernel> KernelOf(Surroundings& around) {
  return *around.shared.Get<GpioKernel>("", []() -> Result<std::shared_ptr<GpioKernel>> {
    return std::shared_ptr<GpioKernel>(std::make_shared<LinuxGpioKernel>());
  });
}

bool AnyInputNamed(DeviceTables& tables) {
  for (std::size_t k = 0; k < kGpioInputs; ++k) {
    if (tables["input"].Has(ToString(static_cast<GpioInput>(k)))) return true;
  }
  return false;
}

GpioInputWiring ReadInputs(DeviceTables& tables) {
  GpioInputWiring wiring;
  StrictTable& input = tables["input"];
  for (std::size_t k = 0; k < kGpioInputs; ++k) {
    ReadGpioLine(input, ToString(static_cast<GpioInput>(k)), wiring.lines[k]);
  }
  input.Time("debounce", wiring.debounce);
  if (AnyInputNamed(tables) && !input.Has(ToString(GpioInput::kTrigger))) {
    tables.Refuse("[input] needs trigger: edges and signals come from the same chip");
  }
  return wiring;
}

// The kernel outlives its lines.
struct OpenInputs {
  std::shared_ptr<GpioKernel> kernel;
  std::unique_ptr<GpioInputs> inputs;
};

Result<std::shared_ptr<OpenInputs>> InputsOf(Surroundings& around, const GpioInputWiring& wiring) {
  return around.shared.Get<OpenInputs>("", [&]() -> Result<std::shared_ptr<OpenInputs>> {
    const auto kernel = KernelOf(around);
    auto inputs = GpioInputs::Open(*kernel, wiring, around.clock);
    if (!inputs) return inputs.error().Within("[input]");
    return std::make_shared<OpenInputs>(OpenInputs{kernel, std::move(*inputs)});
  });
}

Opener<Trigger> ReadTrigger(DeviceTables& tables, LineFacts& facts) {
  const GpioInputWiring wiring = ReadInputs(tables);
  facts.trigger_wired = true;
  return [wiring](Surroundings& around) -> Result<std::shared_ptr<Trigger>> {
    const auto open = InputsOf(around, wiring);
    if (!open) return open.error();
    return std::shared_ptr<Trigger>(*open, &(*open)->inputs->trigger());
  };
}

Opener<Signals> ReadSignals(DeviceTables& tables, LineFacts& facts) {
  const GpioInputWiring wiring = ReadInputs(tables);
  constexpr std::pair<GpioInput, Signal::Kind> kTold[] = {
      {GpioInput::kEncoderA, Signal::Kind::kEncoder},
      {GpioInput::kGateSensor, Signal::Kind::kGateSensor},
      {GpioInput::kBinSensor, Signal::Kind::kBinSensor},
      {GpioInput::kPlcBeat, Signal::Kind::kPlcBeat}};
  for (const auto& [input, kind] : kTold) {
    if (wiring.At(input)) facts.Tells(kind);
    facts.CouldTell(kind, "name its line in [input] " + std::string(ToString(input)));
  }
  return [wiring](Surroundings& around) -> Result<std::shared_ptr<Signals>> {
    const auto open = InputsOf(around, wiring);
    if (!open) return open.error();
    return std::shared_ptr<Signals>(*open, &(*open)->inputs->signals());
  };
}

bool AnyOutputNamed(DeviceTables& tables) {
  for (std::size_t k = 0; k < kOutputLines; ++k) {
    if (tables["output"].Has(KeyOf(static_cast<OutputLine>(k)))) return true;
  }
  return false;
}

struct OpenOutput {
  std::shared_ptr<GpioKernel> kernel;
  GpioOutput output;
};

Opener<Output> ReadOutput(DeviceTables& tables, LineFacts& facts) {
  StrictTable& output = tables["output"];
  GpioOutput::Wiring wiring;
  for (std::size_t k = 0; k < kOutputLines; ++k) {
    ReadGpioLine(output, KeyOf(static_cast<OutputLine>(k)), wiring[k]);
  }
  const auto wired = [&](OutputLine line) { return output.Has(KeyOf(line)); };
  if (AnyOutputNamed(tables) && (!wired(OutputLine::kPass) || !wired(OutputLine::kHeartbeat))) {
    tables.Refuse(
        "[output] needs pass and heartbeat: a GPIO keeps PASS on the wire when the station dies, "
        "and only the watchdog relay that HEARTBEAT holds ends it");
  }
  facts.output_wired = true;
  return [wiring](Surroundings& around) -> Result<std::shared_ptr<Output>> {
    const auto kernel = KernelOf(around);
    auto opened = GpioOutput::Open(*kernel, wiring);
    if (!opened) return opened.error().Within("[output]");
    const auto open = std::make_shared<OpenOutput>(OpenOutput{kernel, std::move(*opened)});
    return std::shared_ptr<Output>(open, &open->output);
  };
}

}  // namespace

const DeviceKind<Trigger> kGpioTriggerKind{"gpio", AnyInputNamed, ReadTrigger};
const DeviceKind<Signals> kGpioSignalsKind{"gpio", AnyInputNamed, ReadSignals};
const DeviceKind<Output> kGpioOutputKind{"gpio", AnyOutputNamed, ReadOutput};

}  // namespace taktgate::line
