// What a person tells a running station: ack, start, stop, challenge, release, status.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/commands.h"
#include "base/json_text.h"
#include "control/socket.h"
#include "control/words.h"
#include "session/station_file.h"

namespace taktgate::apps {
namespace {

using Json = nlohmann::ordered_json;
using control::Order;

// A slow core with a large model; the station itself says when it gives up.
constexpr auto kToLoadARelease = std::chrono::minutes(5);

struct ControlOptions {
  std::string station_file;
  std::string bundle;
  std::string name;
  std::uint32_t parts = 0;
  bool json = false;
};

std::string Text(const Json& answer, const char* key) { return answer.value(key, std::string()); }

void PrintStatus(const Json& answer) {
  std::printf("station    %s, boot %u: %s\n", Text(answer, "station").c_str(),
              answer.value("boot", 0U), Text(answer, "state").c_str());
  std::printf("release    %s on %s\n", Text(answer, "release").c_str(),
              Text(answer, "engine").c_str());
  std::printf("parts      %llu: %llu released, %llu rejected\n", answer.value("parts", 0ULL),
              answer.value("released", 0ULL), answer.value("rejected", 0ULL));
  if (const auto lost = answer.value("cut_off", 0ULL); lost != 0) {
    std::printf("cut off    %llu parts in flight, for the release\n", lost);
  }
  const Json alarms = answer.value("alarms", Json::object());
  for (const auto& [kind, severity] : alarms.items()) {
    std::printf("alarm      %s: %s\n", severity.get<std::string>().c_str(), kind.c_str());
  }
  if (alarms.empty()) std::printf("alarm      none\n");
  if (const auto challenge = answer.find("challenge"); challenge != answer.end()) {
    std::printf("challenge  %u of %u rejected, %u missed, %u unproven: %s\n",
                challenge->value("rejected", 0U), challenge->value("asked", 0U),
                challenge->value("missed", 0U), challenge->value("unproven", 0U),
                challenge->value("passed", false) ? "passed" : "not passed");
  }
}

int Give(Order::Kind kind, const ControlOptions& options) {
  auto file = session::ReadStationFile(options.station_file);
  if (!file) return Refuse(file.error());
  if (file->state.empty()) {
    return Refuse({ErrorCode::kInvalid, options.station_file +
                                            ": a station without [station] state takes no orders; "
                                            "name a folder there and start it again"});
  }
  control::OrderLine given;
  given.order.kind = kind;
  given.order.parts = options.parts;
  given.order.name = gate::event::ShortName(options.name);
  if (kind == Order::Kind::kRelease) {
    given.bundle = std::filesystem::absolute(options.bundle).lexically_normal().string();
  }
  Json line = LooseJson(control::LineOf(given));
  if (kind != Order::Kind::kLook) line["name"] = options.name;  // refused there when too long
  const auto said = kind == Order::Kind::kRelease
                        ? control::AskStation(file->state, JsonText(line), kToLoadARelease)
                        : control::AskStation(file->state, JsonText(line));
  if (!said) return Refuse(said.error());
  const Json answer = LooseJson(*said);
  if (!answer.is_object()) {
    return Refuse({ErrorCode::kCorrupt, "the station's answer is no JSON: " + *said});
  }
  if (!answer.value("taken", false)) {
    return Refuse({ErrorCode::kWrongState, Text(answer, "error")});
  }
  if (options.json) {
    std::printf("%s\n", said->c_str());
  } else {
    PrintStatus(answer);
  }
  return kExitOk;
}

void Add(const Command& app, int& exit_code, Order::Kind kind, const char* help,
         const char* example) {
  const Command command = app.Sub(std::string(control::ToString(kind)), help);
  auto options = std::make_shared<ControlOptions>();
  command.Add("STATION.toml", options->station_file, "The file of the running station").Required();
  if (kind != Order::Kind::kLook) {
    command.Add("--name", options->name, "Who gives the order; stays in the record").Required();
  }
  if (kind == Order::Kind::kRelease) {
    command.Add("BUNDLE.tgb", options->bundle, "The release that decides from now on").Required();
  }
  if (kind == Order::Kind::kChallenge) {
    command.Add("--parts", options->parts, "The next N parts are known to be bad")
        .Required()
        .Between(1U, control::kMaxChallengeParts);
  }
  command.Flag("--json", options->json, "The station's answer as one line of JSON");
  command.Footer(std::string("Example: ") + example +
                 "\nExit 1: no station runs there, or it does not take the order; the message "
                 "says why.");
  command.Run([kind, options, &exit_code] { exit_code = Give(kind, *options); });
}

}  // namespace

void AddControlCommands(const Command& app, int& exit_code) {
  Add(app, exit_code, Order::Kind::kLook, "What a running station does, and which alarms wait",
      "taktgate status station.toml");
  Add(app, exit_code, Order::Kind::kAcknowledge, "End alarms and a line stop, with your name",
      "taktgate ack station.toml --name \"M. Weber\"");
  Add(app, exit_code, Order::Kind::kStop, "Take a running station offline: it rejects every part",
      "taktgate stop station.toml --name \"M. Weber\"");
  Add(app, exit_code, Order::Kind::kStart, "Take a stopped station online again",
      "taktgate start station.toml --name \"M. Weber\"");
  Add(app, exit_code, Order::Kind::kChallenge,
      "Say that the next parts are known to be bad: none of them may pass",
      "taktgate challenge station.toml --parts 5 --name \"M. Weber\"");
  Add(app, exit_code, Order::Kind::kRelease,
      "Change the release of a running station between two parts, until it ends",
      "taktgate release station.toml new.tgb --name \"M. Weber\"");
}

}  // namespace taktgate::apps
