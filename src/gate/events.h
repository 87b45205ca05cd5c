#ifndef TAKTGATE_GATE_EVENTS_H_
#define TAKTGATE_GATE_EVENTS_H_

#include <array>
#include <cstdint>
#include <string_view>
#include <variant>

#include "gate/decision.h"
#include "gate/outputs.h"
#include "gate/states.h"

// Everything that goes into the gate and comes out of it, as values that can be kept. Kinds below
// 64 go in, the others come out; a number is never given to another kind (docs/formats.md, 8).
//
// What goes in says when it happened (`at`; of a frame when it arrived, of an answer when its run
// ended) and when the gate takes it (`now`, which the pump fills in). Both are on the station's
// clock.
namespace taktgate::gate::event {

// The first letters of a name; gate and record cut a longer one in the same place.
struct ShortName {
  std::uint8_t size = 0;
  std::array<char, 48> letters{};

  ShortName() = default;
  explicit ShortName(std::string_view name)
      : size(static_cast<std::uint8_t>(name.substr(0, 48).size())) {
    name.substr(0, 48).copy(letters.data(), size);
  }
  std::string_view view() const { return {letters.data(), size}; }
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(size);
    visit.Check(size <= letters.size());
    for (std::size_t i = 0; i < size && i < letters.size(); ++i) visit(letters[i]);
  }
};

struct Command {
  static constexpr std::uint8_t kKind = 1;
  gate::Command command{};
  TimePoint at{};
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(command, at, now);
  }
};
// The number of the release in force from now on, and the reserve of its model; refused while
// online.
struct ChangeRelease {
  static constexpr std::uint8_t kKind = 2;
  std::uint32_t number = 0;
  Duration reserve{};
  TimePoint at{};
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(number, reserve, at, now);
  }
};
// The next parts are known to be bad; refused for none, and while offline.
struct StartChallenge {
  static constexpr std::uint8_t kKind = 3;
  std::uint32_t parts = 0;
  TimePoint at{};
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(parts, at, now);
  }
};
// Ends alarms and a line stop; refused without a name.
struct Acknowledge {
  static constexpr std::uint8_t kKind = 4;
  ShortName name;
  TimePoint at{};
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(name, at, now);
  }
};
// An edge of the light barrier, with the count that was latched at it.
struct Trigger {
  static constexpr std::uint8_t kKind = 5;
  std::uint32_t encoder = 0;
  TimePoint at{};
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(encoder, at, now);
  }
};
struct Encoder {
  static constexpr std::uint8_t kKind = 6;
  std::uint32_t count = 0;
  TimePoint at{};
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(count, at, now);
  }
};
struct Frame {
  static constexpr std::uint8_t kKind = 7;
  FrameSeen frame;
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(frame, now);
  }
};
// The inference thread is back with this part's answer, in time or not.
struct Answered {
  static constexpr std::uint8_t kKind = 8;
  PartId part;
  Answer answer;
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(part, answer, now);
  }
};
// A part is in front of the gate sensor.
struct GateSensor {
  static constexpr std::uint8_t kKind = 9;
  TimePoint at{};
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(at, now);
  }
};
// A part has fallen into the reject bin.
struct BinSensor {
  static constexpr std::uint8_t kKind = 10;
  TimePoint at{};
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(at, now);
  }
};
// The PLC's own number for the part that is before the camera.
struct PlcPart {
  static constexpr std::uint8_t kKind = 11;
  std::uint32_t number = 0;
  TimePoint at{};
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(number, at, now);
  }
};
// Nothing happened; only time has passed.
struct Time {
  static constexpr std::uint8_t kKind = 12;
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(now);
  }
};

// The level of the PLC's heartbeat, whenever it was read.
struct PlcBeat {
  static constexpr std::uint8_t kKind = 13;
  bool level = false;
  TimePoint at{};
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(level, at, now);
  }
};
// The unit was suspended up to now: the station's clock stood still while the belt may have moved.
struct Resumed {
  static constexpr std::uint8_t kKind = 14;
  TimePoint at{};
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(at, now);
  }
};

struct LineSet {
  static constexpr std::uint8_t kKind = 64;
  Line line{};
  bool energised = false;
  TimePoint latest{};
  TimePoint until{};
  bool taken = false;  // the output's answer; goes back into the gate
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(line, energised, latest, until, taken);
  }
};
struct InferenceStarted {
  static constexpr std::uint8_t kKind = 65;
  PartId part;
  std::uint32_t frame_slot = 0;
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(part, frame_slot);
  }
};
struct InferenceTerminated {
  static constexpr std::uint8_t kKind = 66;
  PartId part;
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(part);
  }
};
struct FrameReleased {
  static constexpr std::uint8_t kKind = 67;
  std::uint32_t frame_slot = 0;
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(frame_slot);
  }
};
struct PartDecided {
  static constexpr std::uint8_t kKind = 68;
  Decision decision;
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(decision);
  }
};
struct AnsweredLate {
  static constexpr std::uint8_t kKind = 69;
  PartId part;
  Answer answer;
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(part, answer);
  }
};
struct CutShort {
  static constexpr std::uint8_t kKind = 70;
  PartId part;
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(part);
  }
};
struct BinVerdict {
  static constexpr std::uint8_t kKind = 71;
  PartId part;
  Verified verified{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(part, verified);
  }
};
struct AlarmRaised {
  static constexpr std::uint8_t kKind = 72;
  Alarm alarm;
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(alarm);
  }
};
struct Acknowledged {
  static constexpr std::uint8_t kKind = 73;
  ShortName name;
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(name);
  }
};
struct InferenceFault {
  static constexpr std::uint8_t kKind = 74;
  PartId part;
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(part);
  }
};

using Input = std::variant<Command, ChangeRelease, StartChallenge, Acknowledge, Trigger, Encoder,
                           Frame, Answered, GateSensor, BinSensor, PlcPart, Time, PlcBeat, Resumed>;
using Any =
    std::variant<Command, ChangeRelease, StartChallenge, Acknowledge, Trigger, Encoder, Frame,
                 Answered, GateSensor, BinSensor, PlcPart, Time, PlcBeat, Resumed, LineSet,
                 InferenceStarted, InferenceTerminated, FrameReleased, PartDecided, AnsweredLate,
                 CutShort, BinVerdict, AlarmRaised, Acknowledged, InferenceFault>;

inline TimePoint HappenedAt(const Frame& event) { return event.frame.arrived_at; }
inline TimePoint HappenedAt(const Answered& event) { return event.answer.finished_at; }
inline TimePoint HappenedAt(const Time& event) { return event.now; }
template <typename Event>
TimePoint HappenedAt(const Event& event) {
  return event.at;
}
inline TimePoint HappenedAt(const Input& input) {
  return std::visit([](const auto& event) { return HappenedAt(event); }, input);
}

template <typename Event>
constexpr bool kIsInput = Event::kKind < 64;

}  // namespace taktgate::gate::event

#endif  // TAKTGATE_GATE_EVENTS_H_
