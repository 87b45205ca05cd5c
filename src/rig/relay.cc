#include "rig/relay.h"

#include "line/shared/change_log.h"
#include "line/shared/shared_line.h"

namespace taktgate::rig {
namespace {

constexpr Duration kRelayLook = std::chrono::milliseconds(2);
constexpr int kLooksPerRollCall = 50;  // how often it asks whether the line is still there

Pulse PulseOf(const line::SharedWords& words) {
  const auto level = [&words](OutputLine line) {
    const auto& word = words.wires[static_cast<std::size_t>(line)];
    return line::Unpack(word.load(std::memory_order_acquire)).energised;
  };
  return {words.run.load(std::memory_order_acquire), level(OutputLine::kHeartbeat),
          level(OutputLine::kReady)};
}

}  // namespace

bool WatchdogRelay::Step(TimePoint now, const Pulse& pulse) {
  if (pulse.run != last_.run) {
    closed_ = false;
  } else if (pulse.heartbeat != last_.heartbeat) {
    changed_at_ = now;
    closed_ = closed_ || pulse.ready;
  } else if (now - changed_at_ >= silence_) {
    closed_ = false;
  }
  last_ = pulse;
  return closed_;
}

Status RunRelay(const std::filesystem::path& path, Duration silence,
                const std::atomic<bool>& stop) {
  auto shared = line::SharedLine::Open(path, line::SharedLine::Role::kRelay);
  if (!shared) return shared.error();
  line::SharedWords& words = (*shared)->words();
  MonotonicClock clock;
  WatchdogRelay relay(silence);
  line::ChangeWriter changes(words.relay_changes, clock.Now());
  words.relay_closed.store(0, std::memory_order_release);
  bool closed = false;
  for (int look = 1; !stop; ++look) {
    const TimePoint now = clock.Now();
    if (relay.Step(now, PulseOf(words)) != closed) {
      closed = !closed;
      changes.Begin(0, closed, TimePoint::max(), now);
      words.relay_closed.store(closed ? 1 : 0, std::memory_order_release);
      changes.End(clock.Now());
    }
    if (look % kLooksPerRollCall == 0 && !(*shared)->Taken(line::SharedLine::Role::kLine)) break;
    clock.SleepUntil(now + kRelayLook);
  }
  return {};
}

}  // namespace taktgate::rig
