#ifndef TAKTGATE_LINE_SHARED_SHARED_HOST_H_
#define TAKTGATE_LINE_SHARED_SHARED_HOST_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "line/line.h"
#include "line/shared/change_log.h"
#include "line/shared/shared_line.h"

namespace taktgate::line {

// The line's side of a shared line: reports edges and frames, and reads the wires. Its owner is
// light barrier, camera and gate in one. What it reads was written by processes that may be broken
// or dead; it indexes nothing with it.
//
// Threads: Edge, Tell, PixelsOfNext, TellFrame, LoseFrame and End from one; the rest from one
// other.
class SharedHost {
 public:
  static Result<std::unique_ptr<SharedHost>> Create(const std::filesystem::path& path,
                                                    SharedLine::Size size);
  ~SharedHost();

  // `encoder` is the belt's count at the edge.
  void Edge(TimePoint at, std::uint32_t encoder = 0);
  void Tell(const Signal& signal);
  // Where the next frame's pixels go; nullptr while the station holds all buffers.
  std::uint8_t* PixelsOfNext();
  struct FrameTimes {
    TimePoint trigger_at{};
    TimePoint captured_at{};
    TimePoint arrived_at{};
  };
  // The frame that was filled is there.
  void TellFrame(const FrameTimes& times, image::FrameStatus status);
  // A trigger that gives no frame; its sequence number is missing.
  void LoseFrame() { ++sequence_; }
  // No more edges, no more frames.
  void End();

  WireLevel Wire(OutputLine line) const;
  bool relay_closed() const;
  bool NextChange(Change& change) { return changes_.Next(change); }
  bool NextRelayChange(Change& change) { return relay_changes_.Next(change); }
  std::uint64_t overtaken() const { return changes_.overtaken() + relay_changes_.overtaken(); }

  // Stations that were attached so far; the first is run 1.
  std::uint64_t runs() const;
  // Which edges a run has taken, by their number from 0: [first, taken).
  struct Run {
    TimePoint attached_at{};
    std::uint64_t first_edge = 0;
    std::uint64_t taken_edges = 0;
  };
  // Nothing for runs so old that they are forgotten.
  std::optional<Run> RunAt(std::uint64_t number) const;

 private:
  SharedHost(std::filesystem::path path, std::unique_ptr<SharedLine> shared);
  std::optional<std::size_t> FreeSlot() const;

  const std::filesystem::path path_;
  const std::unique_ptr<SharedLine> shared_;
  SharedWords& words_;
  std::uint64_t edges_ = 0;
  std::uint64_t signals_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t sequence_ = 0;
  std::optional<std::size_t> filled_;
  ChangeReader changes_;
  ChangeReader relay_changes_;
};

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_SHARED_SHARED_HOST_H_
