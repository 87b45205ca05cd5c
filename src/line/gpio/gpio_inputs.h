#ifndef TAKTGATE_LINE_GPIO_GPIO_INPUTS_H_
#define TAKTGATE_LINE_GPIO_GPIO_INPUTS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/event_signal.h"
#include "base/spsc_ring.h"
#include "line/gpio/gpio_lines.h"
#include "line/line.h"

namespace taktgate::line {

// What may be wired to inputs of one GPIO chip.
enum class GpioInput : std::uint8_t {
  kTrigger,
  kGateSensor,
  kBinSensor,
  kPlcBeat,
  kEncoderA,
  kEncoderB,
};
inline constexpr std::size_t kGpioInputs = 6;
// "trigger", "gate_sensor", ...
std::string_view ToString(GpioInput input);

struct GpioInputWiring {
  std::array<std::optional<GpioName>, kGpioInputs> lines;
  Duration debounce{};  // of trigger and sensors, by the kernel

  const std::optional<GpioName>& At(GpioInput input) const {
    return lines[static_cast<std::size_t>(input)];
  }
};

// Counts the edges of an encoder: four for each period of two channels, one of a single channel
// (which cannot run back). It never guesses.
//
// Threads: one.
class EncoderCounter {
 public:
  explicit EncoderCounter(bool two_channels) : two_channels_(two_channels) {}
  // False: this edge cannot follow on the last ones, so some are missing.
  bool OnEdge(bool channel_b, bool rising);
  // Edges are missing, and that is known: the next one of each channel only tells its level.
  void Forget() {
    a_.reset();
    b_.reset();
  }
  std::uint32_t count() const { return count_; }

 private:
  const bool two_channels_;
  // The first edge of each channel only tells its level: up to two counts at the start are missing.
  std::optional<bool> a_, b_;
  std::uint32_t count_ = 0;
};

// Light barrier, sensors, the PLC's heartbeat and an encoder on inputs of one chip. They share one
// queue of the kernel, which stamps and numbers every edge in its interrupt: so an edge of the
// light barrier carries exactly the count that the encoder had then. The trigger's thread reads the
// queue and hands on the signals.
//
// A number that is missing is a gap in the count of the trigger, which the station treats as a
// failed trigger, and a fault of every other input.
//
// Threads: trigger() and signals() from one each, as they say; the rest from the owner.
class GpioInputs {
 public:
  // invalid: no trigger, one line twice, two chips, or B without A. Errors of the chip.
  static Result<std::unique_ptr<GpioInputs>> Open(GpioKernel& kernel, const GpioInputWiring& wiring,
                                                  Clock& clock);

  Trigger& trigger() { return trigger_; }
  Signals& signals() { return signals_; }

 private:
  class Barrier final : public Trigger {
   public:
    explicit Barrier(GpioInputs& inputs) : inputs_(inputs) {}
    Status Start(TimePoint at) override;
    Wait Next(TimePoint until, Edge& edge) override { return inputs_.Read(until, edge); }
    std::string fault() const override { return inputs_.fault_; }

   private:
    GpioInputs& inputs_;
  };
  class SignalSource final : public Signals {
   public:
    explicit SignalSource(GpioInputs& inputs) : inputs_(inputs) {}
    Status Start(TimePoint at) override;
    Wait Next(TimePoint until, Signal& signal) override;

   private:
    GpioInputs& inputs_;
    TimePoint start_{};
  };

  GpioInputs(GpioLines lines, std::vector<GpioInput> order, bool two_channels, Clock& clock)
      : lines_(std::move(lines)), order_(std::move(order)), clock_(clock), encoder_(two_channels) {}
  Wait Read(TimePoint until, Edge& edge);
  Wait Take(const GpioLines::Edge& seen, Edge& edge);
  void ReceiveBeforeStart(GpioInput input, const GpioLines::Edge& seen, bool gap);
  bool ReceiveOther(GpioInput input, const GpioLines::Edge& seen);
  bool Tell(Signal::Kind kind, std::uint32_t value, TimePoint at);
  Wait Fail(std::string words);

  GpioLines lines_;
  const std::vector<GpioInput> order_;  // of the lines in the request
  Clock& clock_;
  Barrier trigger_{*this};
  SignalSource signals_{*this};

  // The trigger's thread.
  TimePoint start_{};
  std::array<std::uint32_t, kGpioInputs> last_numbers_{};  // the kernel's; wrap
  std::uint64_t edges_ = 0;                                // of the light barrier since the start
  EncoderCounter encoder_;
  std::string fault_;

  // From the trigger's thread to that of the signals.
  DroppingSpscRing<Signal> reported_{4096};
  EventSignal reported_signal_;
};

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_GPIO_GPIO_INPUTS_H_
