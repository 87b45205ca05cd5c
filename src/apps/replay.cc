#include <bit>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "apps/commands.h"
#include "base/file.h"
#include "bundle/read_bundle.h"
#include "gate/replay_log.h"
#include "image/decode.h"
#include "station/incident.h"
#include "station/incident_timeline.h"
#include "station/inspector.h"
#include "station/line_report.h"

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

// A frame that was inspected again, beside what was recorded of it.
struct SecondLook {
  std::uint64_t frame = 0;
  const station::PartStory* part = nullptr;  // nullptr: no part had it
  judge::Verdict verdict = judge::Verdict::kUnknown;
  double score = 1;
  bool compared = false;
  bool same_verdict = true;
  bool same_bits = true;
};

image::ImageView ViewOf(const station::KeptFrame& frame) {
  const auto row = static_cast<std::size_t>(frame.width) *
                   static_cast<std::size_t>(image::ChannelsOf(frame.format));
  return {frame.pixels.data(), frame.width, frame.height, row, frame.format};
}

void Compare(const station::Inspection& again, SecondLook& look) {
  if (look.part == nullptr || !look.part->answer) return;
  const gate::Answer& answer = *look.part->answer;
  // A run that was told to stop at the deadline said nothing about the frame.
  if (look.part->answered_late && answer.reason == judge::Reason::kModelError) return;
  look.compared = true;
  look.same_verdict = answer.verdict == again.part.verdict && answer.reason == again.part.reason;
  look.same_bits = answer.windows == again.windows.size() &&
                   std::bit_cast<std::uint64_t>(answer.defect_score) ==
                       std::bit_cast<std::uint64_t>(again.part.defect_score);
  for (std::size_t i = 0; i < again.windows.size() && look.same_bits; ++i) {
    look.same_bits =
        std::bit_cast<std::uint32_t>(answer.window_scores[i]) ==
        std::bit_cast<std::uint32_t>(static_cast<float>(again.windows[i].defect_score));
  }
}

Result<std::vector<SecondLook>> InspectAgain(const station::Incident& incident,
                                             const station::Timeline& timeline,
                                             const std::string& path) {
  auto release = bundle::ReadBundleFile(path);
  if (!release) return release.error();
  if (release->id != incident.header.release_id) {
    return Error{ErrorCode::kInvalid, path + ": the incident was inspected by release " +
                                          incident.header.release_id.substr(0, 12) +
                                          ", this bundle is " + release->short_id() +
                                          "; name the bundle of that release"};
  }
  auto inspector = station::Inspector::Create(std::move(*release), infer::OnnxSettings{});
  if (!inspector) return inspector.error();
  std::vector<SecondLook> looks;
  for (const station::KeptFrame& frame : incident.frames) {
    if (Status fits = (*inspector)->CheckFrame(frame.width, frame.height); !fits) {
      return fits.error();
    }
    const station::Inspection& again = (*inspector)->Inspect(ViewOf(frame));
    SecondLook look{frame.info.sequence, timeline.PartOfFrame(frame.info.sequence)};
    look.verdict = again.part.verdict;
    look.score = again.part.defect_score;
    Compare(again, look);
    looks.push_back(look);
  }
  return looks;
}

Status WriteFrames(const station::Incident& incident, const station::Timeline& timeline,
                   const std::filesystem::path& folder) {
  std::error_code made;
  std::filesystem::create_directories(folder, made);
  if (made) return Error{ErrorCode::kIo, folder.string() + ": " + made.message()};
  for (const station::KeptFrame& frame : incident.frames) {
    auto png = image::EncodePng(ViewOf(frame));
    if (!png) return png.error();
    const station::PartStory* part = timeline.PartOfFrame(frame.info.sequence);
    const std::string name = "frame-" + std::to_string(frame.info.sequence) + "-part-" +
                             (part != nullptr ? station::NameOf(part->part) : "none") + ".png";
    const std::string_view bytes(reinterpret_cast<const char*>(png->data()), png->size());
    if (Status written = WriteFile(folder / name, bytes); !written) return written;
  }
  return {};
}

std::string InWords(const std::optional<gate::event::Any>& event) {
  return event ? station::InWords(*event) : "nothing";
}

void PrintHead(const ReplayOptions& options, const station::Incident& incident,
               const station::Timeline& timeline, std::size_t events) {
  const station::IncidentHeader& header = incident.header;
  std::printf("%s: %s at station %s, boot %u, %s\n", options.incident.c_str(),
              header.reason.c_str(), header.station.c_str(), header.boot,
              header.written_at.c_str());
  std::printf("written by taktgate %s%s, release %s %s (%s)\n", header.program.c_str(),
              header.program == TAKTGATE_VERSION ? "" : ", replayed by " TAKTGATE_VERSION,
              header.release_name.c_str(), header.release_version.c_str(),
              header.release_id.substr(0, 12).c_str());
  std::printf("%zu events in %.3f s, %zu parts, %zu frames with pixels\n\n", events,
              std::chrono::duration<double>(timeline.length()).count(), timeline.parts().size(),
              incident.frames.size());
}

void PrintTimeline(const ReplayOptions& options, const station::Timeline& timeline) {
  if (options.all || timeline.parts().size() <= kShownParts) {
    std::printf("     time ms  part          what happened\n%s", timeline.Text(0).c_str());
  } else {
    std::printf("the last %zu parts (--all shows every one)\n", kShownParts);
    std::printf("     time ms  part          what happened\n%s",
                timeline.Text(kShownParts).c_str());
  }
}

void PrintLooks(const std::vector<SecondLook>& looks) {
  std::size_t compared = 0, same = 0, other = 0;
  std::printf("\nInspected again\n  frame       part          recorded          again\n");
  for (const SecondLook& look : looks) {
    const gate::Answer* answer =
        look.part != nullptr && look.part->answer ? &*look.part->answer : nullptr;
    std::printf("  %-10llu  %-12s  %-7s %8.4f   %-7s %8.4f  %s\n",
                static_cast<unsigned long long>(look.frame),
                look.part != nullptr ? station::NameOf(look.part->part).c_str() : "none",
                answer != nullptr ? std::string(judge::ToString(answer->verdict)).c_str() : "none",
                answer != nullptr ? answer->defect_score : std::nan(""),
                std::string(judge::ToString(look.verdict)).c_str(), look.score,
                !look.compared      ? ""
                : look.same_bits    ? "same"
                : look.same_verdict ? "same verdict, other score"
                                    : "OTHER VERDICT");
    compared += look.compared ? 1U : 0U;
    same += look.compared && look.same_bits ? 1U : 0U;
    other += look.same_verdict ? 0U : 1U;
  }
  std::printf(
      "%zu frames, %zu with an answer: %zu the same bit for bit, %zu with another verdict\n",
      looks.size(), compared, same, other);
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

Json JsonOf(const station::PartStory& story, TimePoint start) {
  Json part = {{"part", station::NameOf(story.part)}};
  if (story.decision) {
    const gate::Decision& decision = *story.decision;
    part["edge_ms"] = Milliseconds(story.edge_at - start);
    part["decided_ms"] = Milliseconds(decision.decided_at - story.edge_at);
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

Status WriteJson(const std::string& path, const station::Incident& incident,
                 const station::Timeline& timeline, const gate::Replay& replay,
                 const std::vector<SecondLook>& looks) {
  const station::IncidentHeader& header = incident.header;
  Json document = {{"schema", 1},
                   {"reason", header.reason},
                   {"station", header.station},
                   {"boot", header.boot},
                   {"program", header.program},
                   {"release", header.release_id},
                   {"written_at", header.written_at},
                   {"replay", JsonOf(replay)}};
  document["parts"] = Json::array();
  for (const auto& [sequence, story] : timeline.parts()) {
    document["parts"].push_back(JsonOf(story, timeline.start()));
  }
  document["inspected_again"] = Json::array();
  for (const SecondLook& look : looks) {
    document["inspected_again"].push_back(
        {{"frame", look.frame},
         {"part", look.part != nullptr ? Json(station::NameOf(look.part->part)) : Json()},
         {"verdict", judge::ToString(look.verdict)},
         {"score", look.score},
         {"compared", look.compared},
         {"same_verdict", look.same_verdict},
         {"same_bits", look.same_bits}});
  }
  return WriteFileAtomically(path,
                             document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

int RunReplay(const ReplayOptions& options) {
  auto incident = station::ReadIncidentFile(options.incident);
  if (!incident) return Refuse(incident.error());
  std::vector<gate::event::Any> events;
  for (const gate::LogStretch& stretch : incident->stretches) {
    auto more = gate::ReadEvents(stretch.events);
    if (!more) return Refuse(more.error().Within(options.incident));
    events.insert(events.end(), more->begin(), more->end());
  }
  auto replay = gate::ReplayLog(incident->settings, incident->stretches);
  if (!replay) return Refuse(replay.error().Within(options.incident));
  const station::Timeline timeline(events);
  std::vector<SecondLook> looks;
  if (!options.bundle.empty()) {
    auto again = InspectAgain(*incident, timeline, options.bundle);
    if (!again) return Refuse(again.error());
    looks = std::move(*again);
  }
  PrintHead(options, *incident, timeline, events.size());
  PrintTimeline(options, timeline);
  if (!options.bundle.empty()) PrintLooks(looks);
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
  for (const SecondLook& look : looks) same = same && look.same_verdict;
  return same ? kExitOk : kExitBadInput;
}

}  // namespace

void AddReplayCommand(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("replay", "Decide the parts of an incident again and compare");
  auto options = std::make_shared<ReplayOptions>();
  command->add_option("INCIDENT", options->incident, "The file a station wrote (*.tgi)")
      ->required();
  command->add_option("--bundle", options->bundle,
                      "Inspect the frames again by the same release and compare the scores");
  command->add_option("--frames", options->frames, "Write the frames as PNG into this folder");
  command->add_option("--json", options->json, "Write parts and result to this file, too");
  command->add_flag("--all", options->all, "Show every part, not only the last 20");
  command->footer(
      "Example: taktgate replay incidents/incident-000001-line_stop.tgi --frames pictures\n"
      "Exit 0: every decision is the same, bit for bit. Exit 1: one is not (the first is shown), "
      "a\n"
      "frame has another verdict, or an input was refused.");
  command->callback([options, &exit_code] { exit_code = RunReplay(*options); });
}

}  // namespace taktgate::apps
