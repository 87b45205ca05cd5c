#include "incident/incident.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/file.h"
#include "base/json_text.h"
#include "bundle/digest.h"
#include "bundle/json.h"
#include "gate/state_bytes.h"

namespace taktgate::incident {
namespace {

constexpr std::string_view kIncidentMagic = "TGINCIDT";
constexpr std::uint32_t kFormat = 4;
constexpr std::size_t kPreamble = 8 + 4 + 8;  // magic, format, size of the whole file
constexpr std::size_t kDigest = 64;
constexpr std::size_t kMaxBytes = std::size_t{1} << 30;
constexpr std::size_t kMaxPartsInFlight = 1 << 20;

Error Corrupt(std::string message) { return {ErrorCode::kCorrupt, std::move(message)}; }

// Numbers and gate structs as docs/formats.md, 8 has them.
template <typename... Values>
void Append(std::string& to, const Values&... values) {
  std::array<std::uint8_t, 512> bytes{};
  gate::StateWriter writer(bytes);
  writer(values...);
  to.append(reinterpret_cast<const char*>(bytes.data()), writer.size());
}

template <typename Size>
void AppendSized(std::string& to, std::string_view bytes) {
  Append(to, static_cast<Size>(bytes.size()));
  to += bytes;
}

std::string_view TextOf(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string HeaderText(const IncidentHeader& header) {
  auto releases = nlohmann::ordered_json::array();
  for (const IncidentRelease& release : header.releases) {
    releases.push_back({{"number", release.number},
                        {"id", release.id},
                        {"name", release.name},
                        {"version", release.version},
                        {"engine", release.engine}});
  }
  nlohmann::ordered_json json = {{"schema", 1},
                                 {"program", header.program},
                                 {"station", header.station},
                                 {"reason", header.reason},
                                 {"boot", header.boot},
                                 {"releases", std::move(releases)},
                                 {"written_at", header.written_at},
                                 {"frames_not_kept", header.frames_not_kept}};
  return JsonText(json);
}

Result<IncidentHeader> ParseHeader(std::span<const std::uint8_t> bytes) {
  auto json = bundle::ParseJson(bytes, "header");
  if (!json) return json.error();
  if (Status known = bundle::CheckSchema(*json, "header"); !known) return known.error();
  try {
    IncidentHeader header{json->at("program"),
                          json->at("station"),
                          json->at("reason"),
                          json->at("boot"),
                          {},
                          json->at("written_at"),
                          json->at("frames_not_kept")};
    for (const auto& release : json->at("releases")) {
      header.releases.push_back({release.at("number"), release.at("id"), release.at("name"),
                                 release.at("version"), release.value("engine", "")});
    }
    return header;
  } catch (const nlohmann::json::exception&) {
    return Corrupt("header: a field is missing or of another type (docs/formats.md, 8)");
  }
}

// Takes the file apart, front to back.
class Cursor {
 public:
  explicit Cursor(std::span<const std::uint8_t> bytes) : left_(bytes) {}

  template <typename Value>
  bool Read(Value& value) {
    gate::StateReader reader(left_);
    reader(value);
    if (reader.sound()) left_ = left_.last(reader.left());
    sound_ = sound_ && reader.sound();
    return sound_;
  }
  template <typename Size>
  std::span<const std::uint8_t> ReadSized() {
    Size size{};
    Read(size);
    return ReadBytes(size);
  }
  std::span<const std::uint8_t> ReadBytes(std::uint64_t size) {
    sound_ = sound_ && size <= left_.size();
    if (!sound_) return {};
    const auto taken = left_.first(static_cast<std::size_t>(size));
    left_ = left_.subspan(taken.size());
    return taken;
  }
  bool sound() const { return sound_; }
  bool at_end() const { return left_.empty(); }

 private:
  std::span<const std::uint8_t> left_;
  bool sound_ = true;
};

void AppendFrame(std::string& to, const KeptFrame& frame) {
  Append(to, frame.info.sequence, frame.info.captured_at, frame.info.arrived_at,
         frame.info.status == image::FrameStatus::kPartial, frame.slot,
         frame.format == image::PixelFormat::kRgb8, static_cast<std::uint32_t>(frame.width),
         static_cast<std::uint32_t>(frame.height));
  to += TextOf(frame.pixels);
}

bool ReadFrame(Cursor& from, KeptFrame& frame) {
  bool partial = false, colour = false;
  std::uint32_t width = 0, height = 0;
  from.Read(frame.info.sequence) && from.Read(frame.info.captured_at) &&
      from.Read(frame.info.arrived_at) && from.Read(partial) && from.Read(frame.slot) &&
      from.Read(colour) && from.Read(width) && from.Read(height);
  if (!from.sound() || width > image::kMaxSide || height > image::kMaxSide) return false;
  frame.info.status = partial ? image::FrameStatus::kPartial : image::FrameStatus::kComplete;
  frame.format = colour ? image::PixelFormat::kRgb8 : image::PixelFormat::kGrey8;
  frame.width = static_cast<int>(width);
  frame.height = static_cast<int>(height);
  const auto pixels = from.ReadBytes(std::uint64_t{width} * height *
                                     static_cast<std::uint64_t>(image::ChannelsOf(frame.format)));
  frame.pixels.assign(pixels.begin(), pixels.end());
  return from.sound();
}

// Checked before everything else: is it an incident of this format, whole and unchanged?
Status CheckWhole(std::span<const std::uint8_t> bytes) {
  const std::size_t shown = std::min(bytes.size(), kIncidentMagic.size());
  if (shown == 0 || TextOf(bytes.first(shown)) != kIncidentMagic.substr(0, shown)) {
    return Error{ErrorCode::kInvalid,
                 "expected an incident file of taktgate, which starts with \"" +
                     std::string(kIncidentMagic) + "\", got other bytes; name an incident file"};
  }
  Cursor from(bytes.subspan(shown));
  std::uint32_t format = 0;
  std::uint64_t size = 0;
  if (from.Read(format) && format != kFormat) {
    return Error{ErrorCode::kUnsupported,
                 "this is an incident of format " + std::to_string(format) +
                     ", this version reads format " + std::to_string(kFormat) +
                     "; replay it with the version of taktgate that wrote it"};
  }
  if (!from.Read(size) || size != bytes.size() || size < kPreamble + kDigest) {
    return Corrupt("expected " + (from.sound() ? std::to_string(size) : "more") + " bytes, got " +
                   std::to_string(bytes.size()) + ": the file was cut or added to; copy it again");
  }
  const auto content = bytes.first(bytes.size() - kDigest);
  if (bundle::Sha256Hex(content) != TextOf(bytes.last(kDigest))) {
    return Corrupt("its content does not match its digest: bytes were changed; copy it again");
  }
  return {};
}

}  // namespace

std::string_view ToString(IncidentReason reason) {
  switch (reason) {
    case IncidentReason::kRequest:
      return "request";
    case IncidentReason::kTrackingLost:
      return "tracking_lost";
    case IncidentReason::kLineStop:
      return "line_stop";
    case IncidentReason::kDeviceFailed:
      return "device_failed";
    case IncidentReason::kInferenceAway:
      return "inference_away";
  }
  return "request";
}

std::string EncodeIncident(const IncidentHeader& header, const gate::GateSettings& settings,
                           std::span<const gate::LogStretch> stretches,
                           std::span<const KeptFrame* const> frames) {
  std::string content, gate_settings;
  Append(gate_settings, settings);
  AppendSized<std::uint32_t>(content, HeaderText(header));
  AppendSized<std::uint32_t>(content, gate_settings);
  Append(content, static_cast<std::uint32_t>(stretches.size()));
  for (const gate::LogStretch& stretch : stretches) {
    AppendSized<std::uint64_t>(content, TextOf(stretch.state));
    AppendSized<std::uint64_t>(content, TextOf(stretch.events));
  }
  Append(content, static_cast<std::uint32_t>(frames.size()));
  for (const KeptFrame* frame : frames) AppendFrame(content, *frame);
  std::string file(kIncidentMagic);
  Append(file, kFormat, static_cast<std::uint64_t>(kPreamble + content.size() + kDigest));
  file += content;
  file += bundle::Sha256Hex({reinterpret_cast<const std::uint8_t*>(file.data()), file.size()});
  return file;
}

Result<Incident> DecodeIncident(std::vector<std::uint8_t> bytes) {
  if (Status whole = CheckWhole(bytes); !whole) return whole.error();
  Incident incident;
  incident.bytes = std::move(bytes);
  const std::span<const std::uint8_t> all(incident.bytes);
  Cursor from(all.subspan(kPreamble, all.size() - kPreamble - kDigest));
  auto header = ParseHeader(from.ReadSized<std::uint32_t>());
  if (!header) return header.error();
  incident.header = std::move(*header);
  Cursor settings(from.ReadSized<std::uint32_t>());
  settings.Read(incident.settings);
  if (!settings.sound() || !settings.at_end() || !gate::CheckSettings(incident.settings) ||
      incident.settings.parts_in_flight > kMaxPartsInFlight) {
    return Corrupt("the gate's settings are not those of this format");
  }
  std::uint32_t stretches = 0, frames = 0;
  from.Read(stretches);
  for (std::uint32_t i = 0; i < stretches && from.sound(); ++i) {
    const auto state = from.ReadSized<std::uint64_t>();
    incident.stretches.push_back({state, from.ReadSized<std::uint64_t>()});
  }
  from.Read(frames);
  for (std::uint32_t i = 0; i < frames && from.sound(); ++i) {
    if (!ReadFrame(from, incident.frames.emplace_back())) break;
  }
  if (!from.sound() || !from.at_end() || stretches == 0 || incident.frames.size() != frames) {
    return Corrupt("its parts do not fill it as the format says");
  }
  return incident;
}

Result<Incident> ReadIncidentFile(const std::filesystem::path& path) {
  auto bytes = ReadFile(path, kMaxBytes);
  if (!bytes) return bytes.error().Within("incident");
  return DecodeIncident(std::move(*bytes)).Within(path.string());
}

}  // namespace taktgate::incident
