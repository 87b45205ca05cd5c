#ifndef TAKTGATE_BASE_DROPPING_WRITER_H_
#define TAKTGATE_BASE_DROPPING_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/clock.h"

namespace taktgate {

// Text for a person or a pipe, written by a thread of its own: a terminal that is held (Ctrl-S) or
// a reader that sleeps blocks nobody who writes. Text that does not fit into the memory is dropped
// whole and counted, and the count is written as soon as something fits again.
//
// Threads: any; a lock is held only while text is copied, never while it is written.
class DroppingWriter {
 public:
  // `fd` is not owned. `capacity`: the bytes that may wait.
  explicit DroppingWriter(int fd, std::size_t capacity = 64 * 1024);
  // Gives the reader a moment, then gives up: see Flush.
  ~DroppingWriter();
  DroppingWriter(const DroppingWriter&) = delete;
  DroppingWriter& operator=(const DroppingWriter&) = delete;

  void Write(std::string_view text);
  // Writes only when nothing waits: for text that the next one replaces, such as a live line.
  void WriteIfIdle(std::string_view text);
  // Waits until all is written, at most `limit`. False: some is still waiting for the reader.
  bool Flush(Duration limit = std::chrono::seconds(1));
  // Texts that nobody will read.
  std::uint64_t dropped() const;

 private:
  struct Shared;
  static void Run(const std::shared_ptr<Shared>& shared);
  // The thread may be blocked for ever, so it shares what it uses and is never waited for.
  const std::shared_ptr<Shared> shared_;
};

}  // namespace taktgate

#endif  // TAKTGATE_BASE_DROPPING_WRITER_H_
