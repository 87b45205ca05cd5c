#include "incident/incident_timeline.h"

#include <algorithm>
#include <cstdio>
#include <type_traits>

#include "record/line_report.h"

namespace taktgate::incident {
namespace {

namespace event = gate::event;

std::string Number(double value, const char* format) {
  char text[48];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string AnswerInWords(const gate::Answer& answer) {
  std::string text = "answer " + std::string(judge::ToString(answer.verdict));
  if (answer.reason != judge::Reason::kNone) {
    text += " (" + std::string(judge::ToString(answer.reason)) + ")";
  }
  text += ", score " + Number(answer.defect_score, "%.4f");
  return text + ", ran " + record::InMilliseconds(answer.finished_at - answer.started_at);
}

// A name comes from outside; it must not control a terminal.
std::string Shown(std::string_view name) {
  std::string text(name);
  for (char& letter : text) {
    if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) letter = '?';
  }
  return text;
}

constexpr const char* kCommands[] = {"initialize",     "prepare", "start single", "start", "stop",
                                     "change release", "reset",   "fail",         "halt"};

std::string Later(TimePoint at, TimePoint now) {
  return now <= at ? "" : ", reported " + record::InMilliseconds(now - at) + " later";
}

struct Words {
  std::string operator()(const event::Command& e) const {
    return std::string("command ") + kCommands[static_cast<std::size_t>(e.command)];
  }
  std::string operator()(const event::ChangeRelease& e) const {
    return "release number " + std::to_string(e.number) + " in force, reserve " +
           record::InMilliseconds(e.reserve);
  }
  std::string operator()(const event::StartChallenge& e) const {
    return "challenge of " + std::to_string(e.parts) + " parts";
  }
  std::string operator()(const event::Acknowledge& e) const {
    return "acknowledge by \"" + Shown(e.name.view()) + "\"";
  }
  std::string operator()(const event::Trigger& e) const { return "edge" + Later(e.at, e.now); }
  std::string operator()(const event::Encoder& e) const {
    return "encoder " + std::to_string(e.count) + Later(e.at, e.now);
  }
  std::string operator()(const event::Frame& e) const {
    return "frame " + std::to_string(e.frame.sequence) + ", captured " +
           record::InMilliseconds(e.now - e.frame.captured_at) + " before" +
           (e.frame.partial ? ", partial" : "");
  }
  std::string operator()(const event::Answered& e) const { return AnswerInWords(e.answer); }
  std::string operator()(const event::GateSensor& e) const {
    return "gate sensor" + Later(e.at, e.now);
  }
  std::string operator()(const event::BinSensor& e) const {
    return "bin sensor" + Later(e.at, e.now);
  }
  std::string operator()(const event::PlcPart& e) const {
    return "PLC names part " + std::to_string(e.number) + Later(e.at, e.now);
  }
  std::string operator()(const event::PlcBeat& e) const {
    return std::string("PLC heartbeat ") + (e.level ? "high" : "low") + Later(e.at, e.now);
  }
  std::string operator()(const event::Resumed&) const { return "the unit was suspended until now"; }
  std::string operator()(const event::Time&) const { return "timer"; }
  std::string operator()(const event::LineSet& e) const {
    return std::string(ToString(e.line)) + (e.energised ? " on" : " off") +
           (e.taken ? "" : ", but the output was too late or failed");
  }
  std::string operator()(const event::InferenceStarted&) const { return "model started"; }
  std::string operator()(const event::InferenceTerminated&) const { return "model told to stop"; }
  std::string operator()(const event::FrameReleased& e) const {
    return "buffer " + std::to_string(e.frame_slot) + " given back";
  }
  std::string operator()(const event::PartDecided& e) const {
    if (e.decision.released) {
      return "decided PASS, slack " + record::InMilliseconds(e.decision.slack());
    }
    return "decided REJECT: " + std::string(judge::ToString(e.decision.reason));
  }
  std::string operator()(const event::AnsweredLate& e) const {
    return "too late, recorded only: " + AnswerInWords(e.answer);
  }
  std::string operator()(const event::CutShort&) const { return "PASS taken off the wire"; }
  std::string operator()(const event::BinVerdict& e) const {
    return e.verified == gate::Verified::kAgreed ? "bin agrees" : "bin disagrees";
  }
  std::string operator()(const event::AlarmRaised& e) const {
    return "alarm " + std::string(ToString(e.alarm.kind)) + ": " +
           std::string(ToString(e.alarm.severity));
  }
  std::string operator()(const event::Acknowledged& e) const {
    return "alarms acknowledged by \"" + Shown(e.name.view()) + "\"";
  }
  std::string operator()(const event::InferenceFault&) const {
    return "the inference thread stays away";
  }
};

template <typename Event>
constexpr bool kHasPart = requires(const Event& one) {
  one.part;
};

// These have no lines of their own; what they cause has.
bool IsQuiet(const event::Any& one) {
  return std::holds_alternative<event::Time>(one) || std::holds_alternative<event::Encoder>(one) ||
         std::holds_alternative<event::FrameReleased>(one);
}

std::optional<TimePoint> TimeOf(const event::Any& one) {
  return std::visit(
      [](const auto& e) -> std::optional<TimePoint> {
        if constexpr (event::kIsInput<std::decay_t<decltype(e)>>) return e.now;
        return std::nullopt;
      },
      one);
}

}  // namespace

std::string InWords(const event::Any& event) { return std::visit(Words{}, event); }

Timeline::Timeline(const std::vector<event::Any>& events) : events_(events) {
  bool first = true;
  for (const event::Any& event : events) {
    if (const auto at = TimeOf(event)) {
      if (first) start_ = *at;
      first = false;
      end_ = *at;
    }
    Tell(event);
  }
}

void Timeline::Tell(const event::Any& event) {
  const auto story = [&](gate::PartId part) -> PartStory& {
    PartStory& one = parts_[part.sequence];
    one.part = part;
    return one;
  };
  if (const auto* decided = std::get_if<event::PartDecided>(&event)) {
    PartStory& one = story(decided->decision.part);
    one.edge_at = decided->decision.trigger_at;
    one.decision = decided->decision;
    if (decided->decision.has_frame) one.frame = decided->decision.frame;
  } else if (const auto* answered = std::get_if<event::Answered>(&event)) {
    story(answered->part).answer = answered->answer;
  } else if (const auto* late = std::get_if<event::AnsweredLate>(&event)) {
    story(late->part).answered_late = true;
  }
}

const PartStory* Timeline::PartOfFrame(std::uint64_t frame) const {
  for (const auto& [sequence, story] : parts_) {
    if (story.frame && story.frame->sequence == frame) return &story;
  }
  return nullptr;
}

std::string Timeline::PartOfEdge(TimePoint edge_at) const {
  for (const auto& [sequence, story] : parts_) {
    if (story.decision && story.edge_at == edge_at) return NameOf(story.part);
  }
  return "in flight";
}

std::string Timeline::Text(std::size_t parts) const {
  std::size_t from = parts == 0 ? 0 : events_.size(), edges = 0;
  for (; from > 0 && edges < parts; --from) {
    edges += std::holds_alternative<event::Trigger>(events_[from - 1]) ? 1U : 0U;
  }
  std::string text;
  TimePoint now = start_;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const event::Any& one = events_[i];
    now = TimeOf(one).value_or(now);
    if (i < from || IsQuiet(one)) continue;
    std::string part;
    std::visit(
        [&](const auto& e) {
          using Event = std::decay_t<decltype(e)>;
          if constexpr (kHasPart<Event>) part = NameOf(e.part);
          if constexpr (std::is_same_v<Event, event::PartDecided>) part = NameOf(e.decision.part);
          if constexpr (std::is_same_v<Event, event::Trigger>) part = PartOfEdge(e.at);
          if constexpr (std::is_same_v<Event, event::Frame>) {
            const PartStory* story = PartOfFrame(e.frame.sequence);
            part = story != nullptr ? NameOf(story->part) : "";
          }
        },
        one);
    char head[64];
    std::snprintf(head, sizeof head, "%12.3f  %-12s  ",
                  static_cast<double>((now - start_).count()) / 1e6, part.c_str());
    text += head + InWords(one) + "\n";
  }
  return text;
}

}  // namespace taktgate::incident
