#ifndef TAKTGATE_STATION_TEST_EXAMPLE_PLC_H_
#define TAKTGATE_STATION_TEST_EXAMPLE_PLC_H_

#include <array>
#include <cstdint>
#include <deque>
#include <optional>

#include "gate/line_view.h"
#include "line/line.h"

// The PLC adapter of CONTRIBUTING.md, which shows what stands between the two marks, and a bus to
// test it on.
namespace taktgate::station::testing {

// Stands for a protocol: a PLC that writes part numbers and reads registers.
struct FieldBus {
  std::deque<std::uint32_t> written;  // by the PLC
  std::array<std::uint32_t, 5> registers{};
  std::uint64_t shown = 0;  // the view that they are from

  // Waits for the next number, at most until then.
  std::optional<std::uint32_t> Next(TimePoint) {
    if (written.empty()) return std::nullopt;
    const std::uint32_t number = written.front();
    written.pop_front();
    return number;
  }
};

// [example]
// What the PLC says: a number for each part. A kind of Signals; its times are the station's.
class PlcNumbers final : public line::Signals {
 public:
  PlcNumbers(FieldBus& bus, Clock& clock) : bus_(bus), clock_(clock) {}
  Status Start(TimePoint) override { return {}; }
  line::Wait Next(TimePoint until, line::Signal& signal) override {
    const auto number = bus_.Next(until);
    if (!number) return line::Wait::kTimeout;
    signal = {line::Signal::Kind::kPlcPart, *number, clock_.Now()};
    return line::Wait::kReady;
  }

 private:
  FieldBus& bus_;
  Clock& clock_;
};

// What the PLC reads, on a thread of the adapter: the gate thread does not know of it.
inline void Refresh(FieldBus& bus, const gate::SeenLineView& view) {
  if (view.changes() == bus.shown) return;
  const gate::LineView now = view.Read();  // one moment: nothing in it is half old
  bus.shown = now.changes;
  bus.registers = {now.ready ? 1U : 0U, now.last.plc_part, now.last.released ? 1U : 0U,
                   static_cast<std::uint32_t>(now.last.reason),
                   static_cast<std::uint32_t>(now.counts.rejected)};
}
// [example]

}  // namespace taktgate::station::testing

#endif  // TAKTGATE_STATION_TEST_EXAMPLE_PLC_H_
