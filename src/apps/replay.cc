#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "apps/commands.h"
#include "base/file.h"
#include "base/json_text.h"
#include "gate/replay_log.h"
#include "image/decode.h"
#include "incident/incident.h"
#include "incident/incident_timeline.h"
#include "incident/second_look.h"

namespace taktgate::apps {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kShownParts = 20;

struct ReplayOptions {
  std::string incident;
  std::string bundle;
  std::string json;
  std::string frames;
  bool all = false;
};

Status WriteFrames(const incident::Incident& incident, const incident::Timeline& timeline,
                   const std::filesystem::path& folder) {
  std::error_code made;
  std::filesystem::create_directories(folder, made);
  if (made) return Error{ErrorCode::kIo, folder.string() + ": " + made.message()};
  for (const incident::KeptFrame& frame : incident.frames) {
    auto png = image::EncodePng(frame.View());
    if (!png) return png.error();
    const incident::PartStory* part = timeline.PartOfFrame(frame.info.sequence);
    const std::string name = "frame-" + std::to_string(frame.info.sequence) + "-part-" +
                             (part != nullptr ? gate::NameOf(part->part) : "none") + ".png";
    const std::string_view bytes(reinterpret_cast<const char*>(png->data()), png->size());
    if (Status written = WriteFile(folder / name, bytes); !written) return written;
  }
  return {};
}

std::string InWords(const std::optional<gate::event::Any>& event) {
  return event ? incident::InWords(*event) : "nothing";
}

void PrintHead(const ReplayOptions& options, const incident::Incident& incident,
               const incident::Timeline& timeline, std::size_t events) {
  const incident::IncidentHeader& header = incident.header;
  std::printf("%s: %s at station %s, boot %u, %s\n", options.incident.c_str(),
              header.reason.c_str(), header.station.c_str(), header.boot,
              header.written_at.c_str());
  std::printf("written by taktgate %s%s\n", header.program.c_str(),
              header.program == TAKTGATE_VERSION ? "" : ", replayed by " TAKTGATE_VERSION);
  for (const incident::IncidentRelease& release : header.releases) {
    std::printf("release %u: %s %s (%s)\n", release.number, release.name.c_str(),
                release.version.c_str(), release.id.substr(0, 12).c_str());
  }
  std::printf("%zu events in %.3f s, %zu parts, %zu frames with pixels\n\n", events,
              std::chrono::duration<double>(timeline.length()).count(), timeline.parts().size(),
              incident.frames.size());
}

void PrintTimeline(const ReplayOptions& options, const incident::Timeline& timeline) {
  if (options.all || timeline.parts().size() <= kShownParts) {
    std::printf("     time ms  part          what happened\n%s", timeline.Text(0).c_str());
  } else {
    std::printf("the last %zu parts (--all shows every one)\n", kShownParts);
    std::printf("     time ms  part          what happened\n%s",
                timeline.Text(kShownParts).c_str());
  }
}

void PrintReplay(const gate::Replay& replay) {
  if (!replay.difference) {
    std::printf(
        "\nreplayed %llu inputs: all %llu decisions and all %llu outputs are the same, bit "
        "for bit\n",
        static_cast<unsigned long long>(replay.inputs),
        static_cast<unsigned long long>(replay.decisions),
        static_cast<unsigned long long>(replay.outputs));
    return;
  }
  const auto& first = *replay.difference;
  std::printf("\nDIFFERENT at event %llu\n  recorded: %s\n  replayed: %s\n",
              static_cast<unsigned long long>(first.event), InWords(first.recorded).c_str(),
              InWords(first.replayed).c_str());
}

double Milliseconds(Duration time) { return static_cast<double>(time.count()) / 1e6; }

Json JsonOf(const incident::PartStory& story, TimePoint start) {
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

Json JsonOf(const gate::Replay& replay) {
  Json json = {{"same", !replay.difference},
               {"inputs", replay.inputs},
               {"outputs", replay.outputs},
               {"decisions", replay.decisions}};
  if (replay.difference) {
    json["difference"] = {{"event", replay.difference->event},
                          {"recorded", InWords(replay.difference->recorded)},
                          {"replayed", InWords(replay.difference->replayed)}};
  }
  return json;
}

Status WriteJson(const std::string& path, const incident::Incident& incident,
                 const incident::Timeline& timeline, const gate::Replay& replay,
                 const incident::SecondLooks& looks) {
  const incident::IncidentHeader& header = incident.header;
  Json releases = Json::array();
  for (const incident::IncidentRelease& release : header.releases) {
    releases.push_back({{"number", release.number}, {"id", release.id}});
  }
  Json document = {{"schema", 1},
                   {"reason", header.reason},
                   {"station", header.station},
                   {"boot", header.boot},
                   {"program", header.program},
                   {"releases", std::move(releases)},
                   {"written_at", header.written_at},
                   {"replay", JsonOf(replay)}};
  document["parts"] = Json::array();
  for (const auto& [sequence, story] : timeline.parts()) {
    document["parts"].push_back(JsonOf(story, timeline.start()));
  }
  document["inspected_again"] = Json::array();
  for (const incident::SecondLook& look : looks.looks) {
    document["inspected_again"].push_back(
        {{"frame", look.frame},
         {"part", look.part != nullptr ? Json(gate::NameOf(look.part->part)) : Json()},
         {"verdict", judge::ToString(look.verdict)},
         {"score", look.score},
         {"compared", look.compared},
         {"same_verdict", look.same_verdict},
         {"same_bits", look.same_bits}});
  }
  return WriteFileAtomically(path, JsonText(document, 2) + "\n");
}

int RunReplay(const ReplayOptions& options) {
  auto incident = incident::ReadIncidentFile(options.incident);
  if (!incident) return Refuse(incident.error());
  std::vector<gate::event::Any> events;
  for (const gate::LogStretch& stretch : incident->stretches) {
    auto more = gate::ReadEvents(stretch.events);
    if (!more) return Refuse(more.error().Within(options.incident));
    events.insert(events.end(), more->begin(), more->end());
  }
  auto replay = gate::ReplayLog(incident->settings, incident->stretches);
  if (!replay) return Refuse(replay.error().Within(options.incident));
  const incident::Timeline timeline(events);
  incident::SecondLooks looks;
  if (!options.bundle.empty()) {
    auto again = incident::InspectAgain(*incident, timeline, options.bundle);
    if (!again) return Refuse(again.error());
    looks = std::move(*again);
  }
  PrintHead(options, *incident, timeline, events.size());
  PrintTimeline(options, timeline);
  if (!options.bundle.empty()) std::printf("%s", incident::LooksText(looks).c_str());
  PrintReplay(*replay);
  if (!options.frames.empty()) {
    if (Status done = WriteFrames(*incident, timeline, options.frames); !done) {
      return Refuse(done.error());
    }
  }
  if (!options.json.empty()) {
    if (Status done = WriteJson(options.json, *incident, timeline, *replay, looks); !done) {
      return Refuse(done.error());
    }
  }
  bool same = !replay->difference;
  for (const incident::SecondLook& look : looks.looks) same = same && look.same_verdict;
  return same ? kExitOk : kExitBadInput;
}

}  // namespace

void AddReplayCommand(const Command& app, int& exit_code) {
  const Command command = app.Sub("replay", "Decide the parts of an incident again and compare");
  auto options = std::make_shared<ReplayOptions>();
  command.Add("INCIDENT", options->incident, "The file a station wrote (*.tgi)").Required();
  command.Add("--bundle", options->bundle,
              "Inspect the frames of this release again and compare the scores");
  command.Add("--frames", options->frames, "Write the frames as PNG into this folder");
  command.Add("--json", options->json, "Write parts and result to this file, too");
  command.Flag("--all", options->all, "Show every part, not only the last 20");
  command.Footer(
      "Example: taktgate replay incidents/incident-000001-line_stop.tgi --frames pictures\n"
      "Exit 0: every decision is the same, bit for bit. Exit 1: one is not (the first is shown), "
      "a\n"
      "frame has another verdict, or an input was refused.");
  command.Run([options, &exit_code] { exit_code = RunReplay(*options); });
}

}  // namespace taktgate::apps
