#include "line/gpio/gpio_loop.h"

#include <algorithm>

namespace taktgate::line {
namespace {

Status CheckWiring(const GpioLoopWiring& wiring, const std::vector<GpioName>& inputs) {
  for (const OutputLine line : {OutputLine::kPass, OutputLine::kReady}) {
    if (wiring.back[static_cast<std::size_t>(line)]) continue;
    return Error{ErrorCode::kInvalid, "expected an input that " + std::string(ToString(line)) +
                                          " comes back on, got none; wire it and name it"};
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].chip != inputs[0].chip) {
      return Error{ErrorCode::kInvalid, "inputs on two chips, " + inputs[0].chip + " and " +
                                            inputs[i].chip +
                                            "; only one chip's kernel queue gives their order"};
    }
    const bool twice = std::find(inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(i),
                                 inputs[i]) != inputs.begin() + static_cast<std::ptrdiff_t>(i);
    if (twice || inputs[i] == wiring.trigger_out) {
      return Error{ErrorCode::kInvalid, "the GPIO line " + ToString(inputs[i]) + " is named twice"};
    }
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<GpioLoop>> GpioLoop::Open(GpioKernel& kernel, const GpioLoopWiring& wiring) {
  std::vector<GpioName> inputs{wiring.trigger_back};
  std::vector<std::optional<OutputLine>> order{std::nullopt};
  for (std::size_t line = 0; line < kOutputLines; ++line) {
    if (!wiring.back[line]) continue;
    inputs.push_back(*wiring.back[line]);
    order.emplace_back(static_cast<OutputLine>(line));
  }
  if (Status sound = CheckWiring(wiring, inputs); !sound) return sound.error();
  auto trigger = GpioLines::Request(kernel, {wiring.trigger_out}, GpioUse::kOutput, Duration(0));
  if (!trigger) return trigger.error();
  auto back = GpioLines::Request(kernel, inputs, GpioUse::kEdges, Duration(0));
  if (!back) return back.error();
  return std::unique_ptr<GpioLoop>(
      new GpioLoop(std::move(*trigger), std::move(*back), std::move(order)));
}

Wait GpioLoop::Next(Duration timeout, Event& event) {
  GpioLines::Edge edge;
  const Wait wait = back_.NextEdge(timeout, edge);
  if (wait != Wait::kReady) return wait;
  std::uint32_t& number = numbers_[edge.position];
  if (edge.number != ++number) return Wait::kFault;
  event = {order_[edge.position], edge.rising, edge.at};
  return Wait::kReady;
}

}  // namespace taktgate::line
