#include "line/gpio/gpio_inputs.h"

#include <algorithm>

namespace taktgate::line {
namespace {

// Which lines the kernel debounces: not the encoder, whose edges are all meant.
bool IsDebounced(GpioInput input) {
  return input == GpioInput::kTrigger || input == GpioInput::kGateSensor ||
         input == GpioInput::kBinSensor;
}

Status CheckWiring(const GpioInputWiring& wiring) {
  const auto& trigger = wiring.At(GpioInput::kTrigger);
  if (!trigger) {
    return Error{ErrorCode::kInvalid,
                 "expected a GPIO line for the trigger, got none; without parts there is nothing "
                 "to sense"};
  }
  if (wiring.At(GpioInput::kEncoderB) && !wiring.At(GpioInput::kEncoderA)) {
    return Error{ErrorCode::kInvalid,
                 "encoder_b goes with encoder_a; name both, or encoder_a only"};
  }
  for (std::size_t i = 0; i < kGpioInputs; ++i) {
    if (!wiring.lines[i]) continue;
    if (wiring.lines[i]->chip != trigger->chip) {
      return Error{ErrorCode::kInvalid,
                   std::string(ToString(static_cast<GpioInput>(i))) + " is on the chip \"" +
                       wiring.lines[i]->chip + "\", the trigger on \"" + trigger->chip +
                       "\": all inputs must be on one chip, whose kernel queue gives their order"};
    }
    for (std::size_t k = 0; k < i; ++k) {
      if (wiring.lines[k] != wiring.lines[i]) continue;
      return Error{ErrorCode::kInvalid,
                   "the GPIO line " + ToString(*wiring.lines[i]) + " is named twice, for " +
                       std::string(ToString(static_cast<GpioInput>(k))) + " and " +
                       std::string(ToString(static_cast<GpioInput>(i)))};
    }
  }
  return {};
}

}  // namespace

std::string_view ToString(GpioInput input) {
  constexpr std::string_view kNames[kGpioInputs] = {"trigger",  "gate_sensor", "bin_sensor",
                                                    "plc_beat", "encoder_a",   "encoder_b"};
  return kNames[static_cast<std::size_t>(input)];
}

// A full period forwards is A up, B up, A down, B down.
bool EncoderCounter::OnEdge(bool channel_b, bool rising) {
  if (!two_channels_) {
    count_ += rising ? 1U : 0U;
    return true;
  }
  std::optional<bool>& moved = channel_b ? b_ : a_;
  const std::optional<bool>& other = channel_b ? a_ : b_;
  const bool possible = !moved || *moved != rising;
  moved = rising;
  if (!other) return possible;
  const bool forwards = channel_b ? rising == *other : rising != *other;
  count_ += forwards ? 1U : ~0U;
  return possible;
}

Result<std::unique_ptr<GpioInputs>> GpioInputs::Open(GpioKernel& kernel,
                                                     const GpioInputWiring& wiring, Clock& clock) {
  if (Status sound = CheckWiring(wiring); !sound) return sound.error();
  std::vector<GpioName> names;
  std::vector<GpioInput> order;
  std::uint64_t debounced = 0;
  for (std::size_t i = 0; i < kGpioInputs; ++i) {
    if (!wiring.lines[i]) continue;
    const auto input = static_cast<GpioInput>(i);
    if (IsDebounced(input)) debounced |= 1ULL << names.size();
    names.push_back(*wiring.lines[i]);
    order.push_back(input);
  }
  auto lines = GpioLines::Request(kernel, names, GpioUse::kEdges, wiring.debounce, debounced);
  if (!lines) return lines.error();
  const bool two_channels = wiring.At(GpioInput::kEncoderB).has_value();
  return std::unique_ptr<GpioInputs>(
      new GpioInputs(std::move(*lines), std::move(order), two_channels, clock));
}

Status GpioInputs::Barrier::Start(TimePoint at) {
  inputs_.start_ = at;
  return {};
}

Wait GpioInputs::Read(TimePoint until, Edge& edge) {
  while (true) {
    GpioLines::Edge seen;
    const Wait wait = lines_.NextEdge(until - clock_.Now(), seen);
    if (wait == Wait::kFault) return Fail("a GPIO line is gone; check the chip and its driver");
    if (wait != Wait::kReady) return wait;
    if (const Wait taken = Take(seen, edge); taken != Wait::kTimeout) return taken;
  }
}

// kReady: a part. kTimeout: anything else that is in order.
Wait GpioInputs::Take(const GpioLines::Edge& seen, Edge& edge) {
  const GpioInput input = order_[seen.position];
  std::uint32_t& last = last_numbers_[static_cast<std::size_t>(input)];
  const std::uint32_t further = seen.number - last;
  last = seen.number;
  if (seen.at < start_) {
    ReceiveBeforeStart(input, seen, further != 1);
    return Wait::kTimeout;
  }
  if (input != GpioInput::kTrigger) {
    if (further != 1) {
      return Fail(std::string(ToString(input)) +
                  ": the kernel had to drop edges, they come faster than they can be read; an "
                  "encoder this fast needs a hardware counter");
    }
    if (ReceiveOther(input, seen)) return Wait::kTimeout;
    return Fail(std::string(ToString(input)) +
                ": its edges contradict each other; check wiring, shield and debouncing");
  }
  // Both edges are numbered; a gap hides at least one part.
  edges_ += further / 2;
  if (!seen.rising) return Wait::kTimeout;
  edge.count = edges_++;
  edge.at = seen.at;
  edge.encoder = encoder_.count();
  return Wait::kReady;
}

// An encoder that turned while the station was loading filled the kernel's queue. Nobody missed the
// edges that it dropped: the count goes on from where it is.
void GpioInputs::ReceiveBeforeStart(GpioInput input, const GpioLines::Edge& seen, bool gap) {
  if (input != GpioInput::kEncoderA && input != GpioInput::kEncoderB) return;
  if (gap) encoder_.Forget();
  (void)ReceiveOther(input, seen);
}

bool GpioInputs::ReceiveOther(GpioInput input, const GpioLines::Edge& seen) {
  switch (input) {
    case GpioInput::kGateSensor:
      return !seen.rising || Tell(Signal::Kind::kGateSensor, 0, seen.at);
    case GpioInput::kBinSensor:
      return !seen.rising || Tell(Signal::Kind::kBinSensor, 0, seen.at);
    case GpioInput::kPlcBeat:
      return Tell(Signal::Kind::kPlcBeat, seen.rising ? 1 : 0, seen.at);
    case GpioInput::kEncoderA:
    case GpioInput::kEncoderB:
      // A count that is not handed on is followed by one that is.
      return encoder_.OnEdge(input == GpioInput::kEncoderB, seen.rising) &&
             (Tell(Signal::Kind::kEncoder, encoder_.count(), seen.at) || true);
    case GpioInput::kTrigger:
      break;
  }
  return true;
}

bool GpioInputs::Tell(Signal::Kind kind, std::uint32_t value, TimePoint at) {
  const bool kept = reported_.Push({kind, value, at});
  reported_signal_.Notify();
  return kept;
}

Wait GpioInputs::Fail(std::string words) {
  fault_ = std::move(words);
  return Wait::kFault;
}

Status GpioInputs::SignalSource::Start(TimePoint at) {
  start_ = at;
  return {};
}

// Faults are the trigger's to report.
Wait GpioInputs::SignalSource::Next(TimePoint until, Signal& signal) {
  while (true) {
    while (const auto next = inputs_.reported_.Pop()) {
      if (next->at < start_ && next->kind != Signal::Kind::kEncoder) continue;
      signal = *next;
      return Wait::kReady;
    }
    if (inputs_.clock_.Now() >= until) return Wait::kTimeout;
    inputs_.reported_signal_.WaitUntil(until);
  }
}

}  // namespace taktgate::line
