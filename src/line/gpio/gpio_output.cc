#include "line/gpio/gpio_output.h"

namespace taktgate::line {

Result<GpioOutput> GpioOutput::Open(GpioKernel& kernel, const Wiring& wiring) {
  if (!wiring[static_cast<std::size_t>(OutputLine::kPass)]) {
    return Error{ErrorCode::kInvalid, "expected a GPIO line for PASS, got none; name it"};
  }
  std::vector<std::vector<GpioName>> chips;  // of each request
  GpioOutput output;
  for (std::size_t line = 0; line < kOutputLines; ++line) {
    if (!wiring[line]) continue;
    const GpioName& name = *wiring[line];
    std::size_t chip = 0;
    while (chip < chips.size() && chips[chip].front().chip != name.chip) ++chip;
    if (chip == chips.size()) chips.emplace_back();
    for (const GpioName& other : chips[chip]) {
      if (!(other == name)) continue;
      return Error{ErrorCode::kInvalid, "expected a GPIO line of its own for each output, got " +
                                            ToString(name) + " twice, the second time for " +
                                            std::string(ToString(static_cast<OutputLine>(line)))};
    }
    output.wires_[line] = Wire{chip, chips[chip].size()};
    chips[chip].push_back(name);
  }
  for (const std::vector<GpioName>& names : chips) {
    auto lines = GpioLines::Request(kernel, names, GpioUse::kOutput, Duration(0));
    if (!lines) return lines.error();
    output.requests_.push_back(std::move(*lines));
  }
  return output;
}

bool GpioOutput::Set(OutputLine line, bool energised, TimePoint, TimePoint) {
  const auto& wire = wires_[static_cast<std::size_t>(line)];
  return !wire || requests_[wire->request].Set(wire->position, energised);
}

void GpioOutput::MakeSafeInSignal() noexcept {
  for (GpioLines& lines : requests_) lines.ClearAll();
}

}  // namespace taktgate::line
