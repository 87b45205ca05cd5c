#include "station/record_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/json_text.h"

namespace taktgate::station {
namespace {

using Json = nlohmann::ordered_json;

std::string NameAt(const std::vector<std::string>& names, std::int32_t index) {
  if (index < 0 || static_cast<std::size_t>(index) >= names.size()) return {};
  return names[static_cast<std::size_t>(index)];
}

Json NameOrNull(const std::vector<std::string>& names, std::int32_t index) {
  const std::string name = NameAt(names, index);
  return name.empty() ? Json() : Json(name);
}

bool EndsInsideLine(const std::filesystem::path& path) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) return false;
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file || file.tellg() <= 0) return false;
  file.seekg(-1, std::ios::end);
  return file.get() != '\n';
}

}  // namespace

RecordFile::RecordFile(std::filesystem::path path, const bundle::Release& release, Notice notice)
    : path_(std::move(path)), release_id_(release.id), notice_(std::move(notice)) {
  for (const auto& label : release.labels) labels_.push_back(label.name);
  for (const auto& window : release.recipe.windows) windows_.push_back(window.name);
}

RecordFile::~RecordFile() {
  if (fd_ >= 0) close(fd_);
}

Status RecordFile::Open() {
  // Not blocking: a pipe without a reader is an unwritable file, not a wait.
  fd_ = open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644);
  if (fd_ >= 0) {
    if (EndsInsideLine(path_)) batch_ = "\n" + batch_;  // a power cut left half a line
    return {};
  }
  return Error{ErrorCode::kIo, "record file " + path_.string() + ": " + std::strerror(errno) +
                                   "; name a writable file in [record] file"};
}

std::string RecordFile::LineOf(const Record& record) const {
  const gate::Decision& decision = record.decision;
  const gate::Answer& answer = decision.answer;
  Json line;
  switch (record.kind) {
    case Record::Kind::kDecision:
      line["kind"] = "decision";
      break;
    case Record::Kind::kLateAnswer:
      line["kind"] = "late_verdict";
      break;
    case Record::Kind::kPassCutShort:
      line["kind"] = "pass_cut_short";
      break;
    case Record::Kind::kVerified:
      line["kind"] = "verified";
      break;
    case Record::Kind::kAlarm:
      line["kind"] = "alarm";
      line["alarm"] = gate::ToString(record.alarm.kind);
      line["severity"] = gate::ToString(record.alarm.severity);
      break;
    case Record::Kind::kOrder:
      line["kind"] = "order";
      line["order"] = ToString(record.order.kind);
      line["name"] = record.order.name.view();
      if (record.order.parts != 0) line["parts"] = record.order.parts;
      break;
  }
  line["part"] = NameOf(decision.part);
  line["release"] = release_id_.substr(0, 12);
  if (record.kind == Record::Kind::kAlarm || record.kind == Record::Kind::kOrder) {
    line["at_ns"] = record.at.time_since_epoch().count();
    return JsonText(line);
  }
  if (record.kind == Record::Kind::kPassCutShort) return JsonText(line);
  if (record.kind == Record::Kind::kVerified) {
    line["agreed"] = decision.verified == gate::Verified::kAgreed;
    return JsonText(line);
  }
  if (record.kind == Record::Kind::kDecision) {
    line["released"] = decision.released;
    line["reason"] = judge::ToString(decision.reason);
    line["encoder"] = decision.encoder;
    if (decision.has_plc_part) line["plc_part"] = decision.plc_part;
    line["trigger_ns"] = decision.trigger_at.time_since_epoch().count();
    line["decided_us"] = Microseconds(decision.decided_at - decision.trigger_at);
    line["issued_us"] = Microseconds(decision.issued_at - decision.trigger_at);
    line["slack_us"] = Microseconds(decision.slack());
    if (decision.has_frame) {
      line["frame"] = decision.frame.sequence;
      line["captured_us"] = Microseconds(decision.frame.captured_at - decision.trigger_at);
      line["arrived_us"] = Microseconds(decision.frame.arrived_at - decision.trigger_at);
    }
  }
  if (record.kind == Record::Kind::kLateAnswer || decision.has_answer) {
    line["verdict"] = judge::ToString(answer.verdict);
    line["class"] = NameOrNull(labels_, answer.class_index);
    line["score"] = answer.defect_score;
    line["window_scores"] = std::vector<float>(answer.window_scores.begin(),
                                               answer.window_scores.begin() + answer.windows);
    line["window"] = NameOrNull(windows_, answer.worst_window);
    line["shift"] = answer.aligned ? Json{answer.shift_x, answer.shift_y} : Json();
    line["image_us"] = Microseconds(answer.image_time);
    line["infer_us"] = Microseconds(answer.infer_time);
    line["judge_us"] = Microseconds(answer.judge_time);
  }
  return JsonText(line);
}

void RecordFile::Write(const Record& record) { WriteLine(LineOf(record)); }

void RecordFile::WriteLine(std::string_view line) {
  batch_ += line;
  batch_ += '\n';
  ++batch_lines_;
}

void RecordFile::Flush() {
  if (batch_.empty()) return;
  if (fd_ < 0 && !Open()) {
    GiveUpBatch(std::strerror(errno));
    return;
  }
  const off_t before = lseek(fd_, 0, SEEK_END);
  std::string_view left = batch_;
  while (!left.empty()) {
    const ssize_t written = write(fd_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const std::string why = written == 0 ? "nothing was written" : std::strerror(errno);
      // Only whole lines stay. Pipes and devices cannot be cut and need not be.
      if (before >= 0) [[maybe_unused]]
        const int cut = ftruncate(fd_, before);
      GiveUpBatch(why);
      return;
    }
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  if (failing_) {
    notice_("records: writing works again; " + std::to_string(lost_lines_) + " lines were lost");
    failing_ = false;
  }
  batch_.clear();
  batch_lines_ = 0;
}

void RecordFile::GiveUpBatch(const std::string& why) {
  if (!failing_) {
    notice_("records: cannot write " + path_.string() + ": " + why +
            "; the station goes on deciding, lines are lost until this is mended");
    failing_ = true;
  }
  lost_lines_ += batch_lines_;
  batch_.clear();
  batch_lines_ = 0;
}

}  // namespace taktgate::station
