#include "station/signal_sources.h"

#include <algorithm>
#include <utility>

namespace taktgate::station {

SignalSources::SignalSources(const std::vector<NamedSignals>& devices, EventSignal& gate_signal)
    : gate_signal_(gate_signal) {
  for (const NamedSignals& device : devices) sources_.emplace_back(device);
}

bool SignalSources::Begin(std::size_t k, TimePoint at) {
  Source& source = sources_[k];
  const Status started = source.signals.device->Start(at);
  if (!started) source.words = started.error().message;
  if (!started) source.failed = true;
  return started.has_value();
}

bool SignalSources::Step(std::size_t k, TimePoint until) {
  Source& source = sources_[k];
  line::Signal signal;
  const line::Wait wait = source.signals.device->Next(until, signal);
  if (wait == line::Wait::kReady) HandOver(source, signal);
  if (wait == line::Wait::kFault) source.failed = true;
  return wait == line::Wait::kReady || wait == line::Wait::kTimeout;
}

// Of counts only the newest matters: where the gate thread lags far they make room for the
// rest. The next one follows soon; until then the gate knows that its position is old.
void SignalSources::HandOver(Source& source, const line::Signal& signal) {
  const bool count = signal.kind == line::Signal::Kind::kEncoder;
  if (count && source.ring.size() >= source.ring.capacity() / 2) return;
  if (!source.ring.Push(signal)) {
    source.failed = true;  // a sensor that speaks faster than it can be heard is broken
  }
  gate_signal_.Notify();
}

std::optional<line::Signal> SignalSources::Next() {
  Source* first = nullptr;
  for (Source& source : sources_) {
    if (!source.head) source.head = source.ring.Pop();
    if (!source.head) continue;
    if (first == nullptr || source.head->at < first->head->at) first = &source;
  }
  if (first == nullptr) return std::nullopt;
  return std::exchange(first->head, std::nullopt);
}

std::size_t SignalSources::waiting() const {
  std::size_t waiting = 0;
  for (const Source& source : sources_) waiting += source.ring.size() + (source.head ? 1U : 0U);
  return waiting;
}

std::size_t SignalSources::dropped() const {
  std::size_t dropped = 0;
  for (const Source& source : sources_) dropped += source.ring.dropped();
  return dropped;
}

bool SignalSources::failed() const {
  return std::any_of(sources_.begin(), sources_.end(),
                     [](const Source& source) { return source.failed.load(); });
}

std::string SignalSources::FaultInWords() const {
  for (const Source& source : sources_) {
    if (!source.failed) continue;
    const std::string& name = source.signals.name;
    const std::string words = source.words + source.signals.device->fault();
    return "encoder, sensors or PLC " + (name.empty() ? "" : "(" + name + ") ") +
           "failed: " + (words.empty() ? "signals were lost" : words);
  }
  return {};
}

gate::event::Input EventOf(const line::Signal& signal) {
  using Kind = line::Signal::Kind;
  switch (signal.kind) {
    case Kind::kEncoder:
      return gate::event::Encoder{signal.value, signal.at, {}};
    case Kind::kGateSensor:
      return gate::event::GateSensor{signal.at, {}};
    case Kind::kBinSensor:
      return gate::event::BinSensor{signal.at, {}};
    case Kind::kPlcPart:
      return gate::event::PlcPart{signal.value, signal.at, {}};
    case Kind::kPlcBeat:
      break;
  }
  return gate::event::PlcBeat{signal.value != 0, signal.at, {}};
}

}  // namespace taktgate::station
