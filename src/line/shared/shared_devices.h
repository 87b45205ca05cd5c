#ifndef TAKTGATE_LINE_SHARED_SHARED_DEVICES_H_
#define TAKTGATE_LINE_SHARED_SHARED_DEVICES_H_

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "line/line.h"
#include "line/shared/change_log.h"
#include "line/shared/shared_line.h"

namespace taktgate::line {

// A station's place on a shared line: a new run, with every wire safe. Nothing is believed that
// the line's process says without a look at its bounds.
//
// Threads: Attach from the owner; the devices below share it, each on its own thread.
class SharedStation {
 public:
  static Result<std::unique_ptr<SharedStation>> Attach(const std::filesystem::path& path,
                                                       Clock& clock);

  SharedLine& line() { return *line_; }
  SharedWords& words() { return line_->words(); }
  Clock& clock() { return clock_; }
  std::uint64_t run() const { return run_; }
  SharedRun& run_words() { return words().runs[run_ % kSharedRuns]; }
  // The line's process is still there.
  bool served() const { return line_->Taken(SharedLine::Role::kLine); }

 private:
  SharedStation(std::unique_ptr<SharedLine> line, Clock& clock, std::uint64_t run)
      : line_(std::move(line)), clock_(clock), run_(run) {}

  const std::unique_ptr<SharedLine> line_;
  Clock& clock_;
  const std::uint64_t run_;
};

// Threads: as Trigger.
class SharedTrigger final : public Trigger {
 public:
  explicit SharedTrigger(SharedStation& station) : station_(station) {}
  Status Start(TimePoint at) override;
  Wait Next(TimePoint until, Edge& edge) override;
  std::string fault() const override { return fault_; }

 private:
  bool Take(Edge& edge);

  SharedStation& station_;
  TimePoint start_{};
  std::uint64_t next_ = 0;
  std::optional<std::uint64_t> first_;
  std::string fault_;
};

// Signals of the line's process. One that was overwritten before the station read it is a fault, as
// a lost edge is.
//
// Threads: as Signals.
class SharedSignals final : public Signals {
 public:
  explicit SharedSignals(SharedStation& station) : station_(station) {}
  Status Start(TimePoint at) override;
  Wait Next(TimePoint until, Signal& signal) override;
  std::string fault() const override { return fault_; }

 private:
  bool Take(Signal& signal);

  SharedStation& station_;
  TimePoint start_{};
  std::uint64_t next_ = 0;
  std::string fault_;
};

// Frames lie where the line's process put them; Release gives the buffer back to it.
//
// Threads: as Camera.
class SharedCamera final : public Camera {
 public:
  explicit SharedCamera(SharedStation& station) : station_(station) {}
  image::FrameFormat format() const override;
  Status Start(TimePoint at) override;
  Wait Next(TimePoint until, image::Frame& frame) override;
  void Release(const image::Frame& frame) override;
  std::string fault() const override { return fault_; }

 private:
  bool Take(image::Frame& frame);
  bool TakeEntry(const SharedFrame& entry, image::Frame& frame);

  SharedStation& station_;
  TimePoint start_{};
  std::uint64_t next_ = 0;
  std::optional<std::uint64_t> first_;  // sequence of the first frame
  std::string fault_;
};

// Threads: as Output.
class SharedOutput final : public Output {
 public:
  explicit SharedOutput(SharedStation& station);
  bool Set(OutputLine line, bool energised, TimePoint now, TimePoint until) override;
  // The log of changes may be half written at that moment: the next station logs what was done
  // here.
  void MakeSafeInSignal() noexcept override;

 private:
  void UndoIfNotMade(const Change& torn, TimePoint now);
  void LogWhatASignalDid(TimePoint now);

  SharedStation& station_;
  ChangeWriter changes_;
};

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_SHARED_SHARED_DEVICES_H_
