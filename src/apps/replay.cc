#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/commands.h"
#include "base/file.h"
#include "gate/replay_log.h"
#include "incident/incident.h"
#include "incident/incident_timeline.h"
#include "incident/replay_report.h"
#include "incident/second_look.h"

namespace taktgate::apps {
namespace {

constexpr std::size_t kShownParts = 20;

struct ReplayOptions {
  std::string incident;
  std::string bundle;
  std::string json;
  std::string frames;
  bool all = false;
};

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
  std::printf("\n%s", incident::ReplayText(*replay).c_str());
  if (!options.frames.empty()) {
    if (Status done = incident::WriteFrames(*incident, timeline, options.frames); !done) {
      return Refuse(done.error());
    }
  }
  if (!options.json.empty()) {
    const std::string json = incident::ReplayJson(*incident, timeline, *replay, looks);
    if (Status done = WriteFileAtomically(options.json, json); !done) return Refuse(done.error());
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
