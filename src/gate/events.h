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
namespace taktgate::gate::event {

// The first letters of a name; a longer one is cut on both sides alike.
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
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(command, now);
  }
};
struct ChangeRelease {
  static constexpr std::uint8_t kKind = 2;
  std::uint32_t number = 0;
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(number, now);
  }
};
struct StartChallenge {
  static constexpr std::uint8_t kKind = 3;
  std::uint32_t parts = 0;
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(parts, now);
  }
};
struct Acknowledge {
  static constexpr std::uint8_t kKind = 4;
  ShortName name;
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(name, now);
  }
};
struct Trigger {
  static constexpr std::uint8_t kKind = 5;
  TimePoint edge_at{};
  TimePoint now{};
  std::uint32_t encoder = 0;
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(edge_at, now, encoder);
  }
};
struct Encoder {
  static constexpr std::uint8_t kKind = 6;
  std::uint32_t count = 0;
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(count, now);
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
struct GateSensor {
  static constexpr std::uint8_t kKind = 9;
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(now);
  }
};
struct BinSensor {
  static constexpr std::uint8_t kKind = 10;
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(now);
  }
};
struct PlcPart {
  static constexpr std::uint8_t kKind = 11;
  std::uint32_t number = 0;
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(number, now);
  }
};
struct Time {
  static constexpr std::uint8_t kKind = 12;
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(now);
  }
};

struct PlcBeat {
  static constexpr std::uint8_t kKind = 13;
  bool level = false;
  TimePoint now{};
  template <typename Visitor>
  void VisitState(Visitor& visit) {
    visit(level, now);
  }
};

struct LineSet {
  static constexpr std::uint8_t kKind = 64;
  Line line{};
  bool energised = false;
  TimePoint latest{};
  TimePoint until{};
  bool taken = false;  // what the output said; goes back into the gate
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

using Any =
    std::variant<Command, ChangeRelease, StartChallenge, Acknowledge, Trigger, Encoder, Frame,
                 Answered, GateSensor, BinSensor, PlcPart, Time, PlcBeat, LineSet, InferenceStarted,
                 InferenceTerminated, FrameReleased, PartDecided, AnsweredLate, CutShort,
                 BinVerdict, AlarmRaised, Acknowledged, InferenceFault>;

template <typename Event>
constexpr bool kIsInput = Event::kKind < 64;

}  // namespace taktgate::gate::event

#endif  // TAKTGATE_GATE_EVENTS_H_
