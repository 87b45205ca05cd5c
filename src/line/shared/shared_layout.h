#ifndef TAKTGATE_LINE_SHARED_SHARED_LAYOUT_H_
#define TAKTGATE_LINE_SHARED_SHARED_LAYOUT_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/output_line.h"

namespace taktgate::line {

// The bytes of a shared line (shared_line.h): a head that never changes, words, pixels. Each word
// has one writer; all are lock-free atomics, so that a process that dies at any instruction leaves
// nothing locked. Times are nanoseconds of CLOCK_MONOTONIC, the same clock in both processes.
using Word = std::atomic<std::uint64_t>;
using WakeWord = std::atomic<std::uint32_t>;  // counts; waited for by futex
static_assert(Word::is_always_lock_free && WakeWord::is_always_lock_free);
static_assert(sizeof(Word) == 8 && sizeof(WakeWord) == 4);

inline constexpr std::size_t kSharedEdges = 1024;
inline constexpr std::size_t kSharedSignals = 8192;
inline constexpr std::size_t kSharedFrames = 256;
inline constexpr std::size_t kSharedSlots = 32;  // buffers for pixels
inline constexpr std::size_t kSharedChanges = 8192;
inline constexpr std::size_t kSharedRuns = 4096;

struct SharedHead {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t width;
  std::uint32_t height;
  std::uint32_t format;  // image::PixelFormat
  std::uint64_t words_bytes;
  std::uint64_t file_bytes;
  std::uint32_t crc;  // of all above
};

// Rings without a reader's index: each reader keeps its own place, and sees by `number` when it was
// overtaken. `number` is 0 while the slot is written, else the entry's count + 1.
struct SharedEdge {
  Word number;
  Word at;
  Word encoder;  // the belt's count at the edge
};

struct SharedSignal {
  Word number;
  Word what;  // kind * 2^32 + value
  Word at;
};

struct SharedFrame {
  Word number;
  Word sequence;
  Word slot;
  Word partial;
  Word trigger_at;
  Word captured_at;
  Word arrived_at;
};

// A change of a level happened between `before` and `after`.
struct SharedChange {
  Word number;  // odd while the change is being made: 2 * count + 1, then + 1
  Word what;    // line * 2 + level
  Word until;
  Word before;
  Word after;
};

struct SharedChanges {
  Word published;
  std::array<SharedChange, kSharedChanges> slots;
};

// What one run of a station took from the line: edges [first, taken).
struct SharedRun {
  Word number;
  Word attached_at;
  Word first_edge;
  Word taken_edges;
};

struct SharedWords {
  // The line's.
  alignas(64) Word edges_published;
  WakeWord edge_wake;
  WakeWord ended;
  alignas(64) Word signals_published;
  WakeWord signal_wake;
  alignas(64) Word frames_published;
  WakeWord frame_wake;
  std::array<SharedEdge, kSharedEdges> edges;
  std::array<SharedFrame, kSharedFrames> frames;
  std::array<SharedSignal, kSharedSignals> signals;
  // Of both: 0 is free; the line hands a buffer to run N by N, the station frees it.
  alignas(64) std::array<Word, kSharedSlots> owners;
  // The station's.
  alignas(64) Word run;  // counts stations that were attached
  Word camera_run;       // the last run that wants frames
  std::array<Word, kOutputLines> wires;
  SharedChanges changes;
  std::array<SharedRun, kSharedRuns> runs;
  // The relay's. What changes is "closed" (line 0).
  alignas(64) Word relay_closed;
  SharedChanges relay_changes;
};

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_SHARED_SHARED_LAYOUT_H_
