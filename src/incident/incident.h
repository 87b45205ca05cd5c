#ifndef TAKTGATE_INCIDENT_INCIDENT_H_
#define TAKTGATE_INCIDENT_INCIDENT_H_

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gate/event_log.h"
#include "gate/settings.h"
#include "incident/frame_history.h"

namespace taktgate::incident {

// Why an incident was written.
enum class IncidentReason : std::uint8_t {
  kRequest,
  kTrackingLost,
  kLineStop,
  kDeviceFailed,
  kInferenceAway,
};
std::string_view ToString(IncidentReason reason);

// Where and how much.
struct IncidentSettings {
  std::filesystem::path folder;  // empty: no incidents
  std::size_t frames = 16;       // with their pixels
  std::size_t keep = 20;         // files; the oldest is removed
};

// A release as decisions and events name it: by its number in that process.
struct IncidentRelease {
  std::uint32_t number = 0;
  std::string id;  // 64 hex digits
  std::string name;
  std::string version;
  std::string engine{};  // that it ran on; empty: nobody wrote it down
};

// What a file says about itself, besides events and frames.
struct IncidentHeader {
  std::string program;  // version of taktgate
  std::string station;
  std::string reason;
  std::uint32_t boot = 0;
  std::vector<IncidentRelease> releases;  // that the process has had in force until then
  std::string written_at;                 // wall clock, for display only
  std::uint64_t frames_not_kept = 0;
};

// A whole incident file, read. The stretches look into `bytes`.
struct Incident {
  IncidentHeader header;
  gate::GateSettings settings;
  std::vector<gate::LogStretch> stretches;
  std::vector<KeptFrame> frames;
  std::vector<std::uint8_t> bytes;
};

// The file's bytes (docs/formats.md, 8), with the digest at the end.
std::string EncodeIncident(const IncidentHeader& header, const gate::GateSettings& settings,
                           std::span<const gate::LogStretch> stretches,
                           std::span<const KeptFrame* const> frames);

// invalid: no incident file. unsupported: of another format. corrupt: cut, changed, or not what its
// format says.
Result<Incident> DecodeIncident(std::vector<std::uint8_t> bytes);

// Reads the file, at most 1 GiB; messages name it.
Result<Incident> ReadIncidentFile(const std::filesystem::path& path);

}  // namespace taktgate::incident

#endif  // TAKTGATE_INCIDENT_INCIDENT_H_
