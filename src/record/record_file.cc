#include "record/record_file.h"

#include <chrono>
#include <utility>

namespace taktgate::record {
namespace {

// How much a power cut may lose.
constexpr auto kSyncEvery = std::chrono::seconds(1);
constexpr std::size_t kMostAtOnce = 256;

}  // namespace

RecordFile::RecordFile(const std::filesystem::path& path, const Rotation& rotation,
                       const Releases& releases, Notice notice)
    : path_(path.string()), file_(path, rotation), lines_(releases), notice_(std::move(notice)) {}

Status RecordFile::Open() {
  const Status opened = file_.Open();
  if (opened || opened.error().code == ErrorCode::kWrongState) return opened;
  Fail(opened.error().message);
  return {};
}

void RecordFile::Write(const Record& record) {
  const bool decision = record.kind == Record::Kind::kDecision;
  Add({lines_.LineOf(record), record.decision.part, decision ? journal_ : nullptr});
}

void RecordFile::WriteMissing(std::string line, gate::PartId part, FlightJournal* journal) {
  Add({std::move(line), part, journal});
}

void RecordFile::Add(Line line) {
  if (waiting_.size() == kMostWaiting) {
    if (lost_lines_++ == lost_before_) {
      notice_("records: " + std::to_string(kMostWaiting) +
              " lines wait already, and further ones are lost until this is mended");
    }
    return;
  }
  line.text += '\n';
  waiting_.push_back(std::move(line));
}

std::string RecordFile::NextBatch(std::size_t& lines) const {
  std::string batch;
  lines = std::min(kMostAtOnce, waiting_.size());
  for (std::size_t i = 0; i < lines; ++i) batch += waiting_[i].text;
  return batch;
}

// Before the lines are there: a process that is killed between this and Mark leaves a doubt about
// these lines alone.
void RecordFile::Announce(std::size_t lines, const FilePlace& place) {
  for (std::size_t i = 0; i < lines; ++i) {
    if (waiting_[i].journal != nullptr) waiting_[i].journal->WillRecord(place);
  }
}

void RecordFile::Mark(std::size_t bytes) {
  while (bytes > 0) {
    const Line& line = waiting_.front();
    bytes -= line.text.size();
    if (line.journal != nullptr) line.journal->Recorded(line.part);
    waiting_.pop_front();
  }
}

// Also with nothing to write: a removed file is reported while the line stands.
void RecordFile::Flush() {
  do {
    std::size_t lines = 0;
    const std::string batch = NextBatch(lines);
    std::string said, why;
    const std::uint64_t removed = file_.lines_removed();
    const Status ready = file_.Prepare(batch.size(), said);
    const std::uint64_t gone = file_.lines_removed() - removed;
    lost_lines_ += gone;
    lost_before_ += gone;  // said by itself
    if (!said.empty()) notice_("records: " + said);
    if (!ready) return Fail(ready.error().message);
    if (batch.empty()) break;
    Announce(lines, file_.End());
    const std::size_t written = file_.Append(batch, why);
    if (file_.Removed()) continue;  // while it was being written: these lines are in no file
    Mark(written);
    if (!why.empty()) return Fail("cannot write " + path_ + ": " + why);
  } while (!waiting_.empty());
  Mend();
  const TimePoint now = std::chrono::steady_clock::now();
  if (now - synced_at_ < kSyncEvery) return;
  synced_at_ = now;
  if (Status synced = file_.Sync(); !synced) Fail(synced.error().message);
}

void RecordFile::Fail(const std::string& why) {
  if (!std::exchange(failing_, true)) {
    notice_("records: " + why + "; the station goes on deciding, lines wait until this is mended");
  }
}

void RecordFile::Mend() {
  if (!std::exchange(failing_, false)) return;
  notice_("records: writing works again; " + std::to_string(lost_lines_ - lost_before_) +
          " lines were lost");
  lost_before_ = lost_lines_;
}

Status RecordFile::Close() {
  Flush();
  if (!waiting_.empty()) {
    lost_lines_ += waiting_.size();
    return Error{ErrorCode::kIo, "records: " + std::to_string(waiting_.size()) +
                                     " lines could not be written to " + path_};
  }
  return file_.Sync();
}

}  // namespace taktgate::record
