#include "incident/replay_report.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/format_text.h"
#include "base/json_text.h"
#include "image/decode.h"

namespace taktgate::incident {
namespace {

using Json = nlohmann::ordered_json;

std::string InWordsOrNothing(const std::optional<gate::event::Any>& event) {
  return event ? InWords(*event) : "nothing";
}

Json ReleasesJson(const IncidentHeader& header) {
  Json releases = Json::array();
  for (const IncidentRelease& release : header.releases) {
    releases.push_back({{"number", release.number}, {"id", release.id}});
  }
  return releases;
}

Json ResultJson(const gate::Replay& replay) {
  Json json = {{"same", !replay.difference},
               {"inputs", replay.inputs},
               {"outputs", replay.outputs},
               {"decisions", replay.decisions}};
  if (replay.difference) {
    json["difference"] = {{"event", replay.difference->event},
                          {"recorded", InWordsOrNothing(replay.difference->recorded)},
                          {"replayed", InWordsOrNothing(replay.difference->replayed)}};
  }
  return json;
}

Json PartJson(const PartStory& story, TimePoint start) {
  Json part = {{"part", gate::NameOf(story.part)}};
  if (story.decision) {
    const gate::Decision& decision = *story.decision;
    part["edge_ms"] = Milliseconds(story.edge_at - start);
    part["decided_ms"] = Milliseconds(decision.decided_at - story.edge_at);
    part["release"] = decision.release;
    part["released"] = decision.released;
    part["reason"] = judge::ToString(decision.reason);
  }
  if (story.frame) {
    part["frame"] = story.frame->sequence;
    part["captured_ms"] = Milliseconds(story.frame->captured_at - story.edge_at);
  }
  if (story.answer) {
    part["verdict"] = judge::ToString(story.answer->verdict);
    part["score"] = story.answer->defect_score;
    part["late_answer"] = story.answered_late;
  }
  return part;
}

Json LookJson(const SecondLook& look) {
  return {{"frame", look.frame},
          {"part", look.part != nullptr ? Json(gate::NameOf(look.part->part)) : Json()},
          {"verdict", judge::ToString(look.verdict)},
          {"score", look.score},
          {"compared", look.compared},
          {"same_verdict", look.same_verdict},
          {"same_bits", look.same_bits}};
}

}  // namespace

std::string ReplayText(const gate::Replay& replay) {
  if (!replay.difference) {
    return Format(
        "replayed %llu inputs: all %llu decisions and all %llu outputs are the same, bit for bit\n",
        static_cast<unsigned long long>(replay.inputs),
        static_cast<unsigned long long>(replay.decisions),
        static_cast<unsigned long long>(replay.outputs));
  }
  const gate::Replay::Difference& first = *replay.difference;
  return "DIFFERENT at event " + std::to_string(first.event) +
         "\n  recorded: " + InWordsOrNothing(first.recorded) +
         "\n  replayed: " + InWordsOrNothing(first.replayed) + "\n";
}

std::string ReplayJson(const Incident& incident, const Timeline& timeline,
                       const gate::Replay& replay, const SecondLooks& looks) {
  const IncidentHeader& header = incident.header;
  Json document = {{"schema", 1},
                   {"reason", header.reason},
                   {"station", header.station},
                   {"boot", header.boot},
                   {"program", header.program},
                   {"releases", ReleasesJson(header)},
                   {"written_at", header.written_at},
                   {"replay", ResultJson(replay)}};
  document["parts"] = Json::array();
  for (const auto& [sequence, story] : timeline.parts()) {
    document["parts"].push_back(PartJson(story, timeline.start()));
  }
  document["inspected_again"] = Json::array();
  for (const SecondLook& look : looks.looks) document["inspected_again"].push_back(LookJson(look));
  return JsonText(document, 2) + "\n";
}

Status WriteFrames(const Incident& incident, const Timeline& timeline,
                   const std::filesystem::path& folder) {
  std::error_code made;
  std::filesystem::create_directories(folder, made);
  if (made) return Error{ErrorCode::kIo, folder.string() + ": " + made.message()};
  for (const KeptFrame& frame : incident.frames) {
    auto png = image::EncodePng(frame.View());
    if (!png) return png.error();
    const PartStory* part = timeline.PartOfFrame(frame.info.sequence);
    const std::string name = "frame-" + std::to_string(frame.info.sequence) + "-part-" +
                             (part != nullptr ? gate::NameOf(part->part) : "none") + ".png";
    const std::string_view bytes(reinterpret_cast<const char*>(png->data()), png->size());
    if (Status written = WriteFile(folder / name, bytes); !written) return written;
  }
  return {};
}

}  // namespace taktgate::incident
