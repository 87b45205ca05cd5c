#include "incident/incident_recorder.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <map>
#include <string>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/thread_name.h"

namespace taktgate::incident {
namespace {

using std::filesystem::path;

constexpr std::string_view kPrefix = "incident-";
constexpr std::string_view kSuffix = ".tgi";
// A line whose tracking is lost all the time must not write all the time.
constexpr auto kLeastBetween = std::chrono::seconds(10);

std::string WallTime() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

// The incidents of a folder by their number.
std::map<std::uint64_t, path> FilesOf(const path& folder) {
  std::map<std::uint64_t, path> files;
  std::error_code failed;
  std::filesystem::directory_iterator entries(folder, failed);
  for (; !failed && entries != std::filesystem::directory_iterator(); entries.increment(failed)) {
    const std::string name = entries->path().filename().string();
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) continue;
    std::uint64_t number = 0;
    const char* digits = name.data() + kPrefix.size();
    if (std::from_chars(digits, name.data() + name.size(), number).ec == std::errc()) {
      files[number] = entries->path();
    }
  }
  return files;
}

}  // namespace

IncidentRecorder::IncidentRecorder(const IncidentSettings& settings, const gate::GateSettings& gate,
                                   IncidentHeader header, std::size_t frame_bytes,
                                   record::Notice notice, const record::Releases& releases)
    : settings_(settings),
      gate_settings_(gate),
      header_(std::move(header)),
      notice_(std::move(notice)),
      releases_(releases),
      log_(gate),
      frames_(settings.frames, frame_bytes) {}

IncidentRecorder::~IncidentRecorder() { Stop(); }

void IncidentRecorder::Start() {
  thread_.Start([this] { Run(); });
}

bool IncidentRecorder::Stop(Duration limit) {
  stopping_ = true;
  signal_.Notify();
  return thread_.Join(limit);
}

void IncidentRecorder::Want(IncidentReason reason) {
  std::uint8_t nothing = kNothing;
  wanted_.compare_exchange_strong(nothing, static_cast<std::uint8_t>(reason));
}

void IncidentRecorder::OnAlarm(const gate::Alarm& alarm) {
  using gate::AlarmKind;
  if (alarm.kind == AlarmKind::kInferenceAway) {
    Want(IncidentReason::kInferenceAway);
  } else if (alarm.kind == AlarmKind::kTrackingLost || alarm.kind == AlarmKind::kBeltReversed) {
    Want(IncidentReason::kTrackingLost);
  } else if (alarm.severity == gate::Severity::kStop) {
    Want(IncidentReason::kLineStop);
  }
}

void IncidentRecorder::CollectIfWanted(gate::RecordedGate& gate, TimePoint now) {
  if (wanted_.load(std::memory_order_relaxed) == kNothing) return;
  const auto reason = static_cast<IncidentReason>(wanted_.exchange(kNothing));
  const bool may_repeat =
      reason == IncidentReason::kLineStop || reason == IncidentReason::kTrackingLost;
  const bool too_soon = may_repeat && last_taken_ && now < *last_taken_ + kLeastBetween;
  const auto handed = too_soon ? std::nullopt : gate.HandOverLog();
  if (!handed) {
    ++not_written_;
    return;
  }
  frames_.Pause();
  last_taken_ = now;
  handed_ = *handed;
  reason_ = reason;
  taken_ = true;
  signal_.Notify();
}

void IncidentRecorder::Run() {
  NameThisThread("incidents");
  while (!stopping_) {
    signal_.Wait();
    if (taken_) Write();
  }
  if (taken_) Write();
}

void IncidentRecorder::Write() {
  taken_ = false;
  IncidentHeader header = header_;
  header.reason = ToString(reason_);
  header.written_at = WallTime();
  header.frames_not_kept = frames_.not_kept();
  for (std::uint32_t number = 1; const auto* known = releases_.Find(number); ++number) {
    header.releases.push_back({number, known->id, known->name, known->version, known->engine});
  }
  const std::string name(ToString(reason_));
  const std::string bytes = EncodeIncident(
      header, gate_settings_, std::span(handed_.stretches).first(handed_.count), frames_.Look());
  // From here on the next incident may be taken.
  frames_.Resume();
  log_.Return();
  std::error_code made;
  std::filesystem::create_directories(settings_.folder, made);
  char number[32];
  std::snprintf(number, sizeof number, "%06llu", static_cast<unsigned long long>(NextNumber()));
  const path file =
      settings_.folder / (std::string(kPrefix) + number + "-" + name + std::string(kSuffix));
  if (Status written = WriteFileAtomically(file, bytes); !written) {
    ++not_written_;
    notice_("incident: " + written.error().message +
            "; name a writable folder with room in [incident] folder");
    return;
  }
  ++written_;
  notice_("incident: " + name + ", written to " + file.string());
  RemoveOldest();
}

std::uint64_t IncidentRecorder::NextNumber() const {
  const auto files = FilesOf(settings_.folder);
  return files.empty() ? 1 : files.rbegin()->first + 1;
}

void IncidentRecorder::RemoveOldest() {
  auto files = FilesOf(settings_.folder);
  while (files.size() > settings_.keep) {
    std::error_code ignored;
    std::filesystem::remove(files.begin()->second, ignored);
    files.erase(files.begin());
  }
}

}  // namespace taktgate::incident
