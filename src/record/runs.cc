#include "record/runs.h"

#include <algorithm>
#include <utility>

#include "record/boot_counter.h"
#include "record/run_mark.h"

namespace taktgate::record {

Runs::Runs(FlightJournal::Place place, std::filesystem::path records, RecordFile* file,
           Notice notice)
    : place_(std::move(place)),
      records_(std::move(records)),
      file_(file),
      notice_(std::move(notice)) {}

Result<std::uint32_t> Runs::Begin(std::string_view release, std::size_t slots) {
  std::uint32_t known = 0;
  if (Status closed = CloseEarlier(known); !closed) return closed.error();
  const auto boot = RaiseBootCounter(place_.state, known);
  if (!boot) return boot.error();
  auto journal = FlightJournal::Begin(place_, *boot, release, slots);
  if (!journal) return journal.error();
  journal_ = std::move(*journal);
  if (file_ != nullptr) file_->MarkIn(journal_.get());
  if (Status marked = WriteRunMark(place_.state, {*boot, false}); !marked) return marked.error();
  RemoveSettled();
  return *boot;
}

// `known` becomes the largest boot number that was ever given, as far as is known.
Status Runs::CloseEarlier(std::uint32_t& known) {
  auto left = FlightJournal::LeftBehind(place_);
  if (!left) return left.error();
  earlier_ = std::move(*left);
  const auto mark = ReadRunMark(place_.state);
  if (!mark) return mark.error();
  known = std::max(mark->boot, LastBootIn(records_));
  bool last_is_known = mark->ended;
  for (const auto& journal : earlier_) {
    known = std::max(known, journal->boot());
    last_is_known = last_is_known || journal->boot() == mark->boot;
    if (Status closed = Close(*journal); !closed) return closed;
  }
  if (!last_is_known) Write(RecordOfLostJournal(mark->boot), nullptr);
  if (file_ != nullptr) file_->Flush();
  return {};
}

Status Runs::Close(FlightJournal& journal) {
  const auto missing = FindMissingRecords(journal.Look(), records_);
  if (!missing) return missing.error();
  for (const gate::PartId& part : missing->known) journal.Recorded(part);
  Write(*missing, &journal);
  return {};
}

void Runs::Write(const MissingRecords& missing, FlightJournal* journal) {
  if (!missing.notice.empty()) notice_(missing.notice);
  if (file_ == nullptr) return;
  for (const MissingRecords::Line& line : missing.lines)
    file_->WriteMissing(line.text, line.part, journal);
}

bool Runs::Owes(const FlightJournal& journal) const {
  return file_ != nullptr && !journal.Look().entries.empty();
}

// Memory is small: a unit that crashes often must not fill it with journals that are finished.
void Runs::RemoveSettled() {
  std::erase_if(earlier_, [this](const auto& journal) {
    if (Owes(*journal)) return false;
    journal->Remove();
    return true;
  });
}

Status Runs::End() {
  const Status written = file_ != nullptr ? file_->Close() : Status{};
  if (!written) return written;
  RemoveSettled();
  if (!journal_ || Owes(*journal_)) return {};
  if (Status marked = WriteRunMark(place_.state, {journal_->boot(), true}); !marked) return marked;
  journal_->Remove();
  return {};
}

}  // namespace taktgate::record
