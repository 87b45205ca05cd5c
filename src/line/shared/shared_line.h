#ifndef TAKTGATE_LINE_SHARED_SHARED_LINE_H_
#define TAKTGATE_LINE_SHARED_SHARED_LINE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "image/frame.h"
#include "line/shared/shared_layout.h"

namespace taktgate::line {

// A line in one process and its station in another, joined by a mapped file instead of wires:
// edges, frames, output levels. Made by the line (`shared_host.h`), read by a station
// (`shared_devices.h`) and by a watchdog relay. Every role is taken by one process at a time; its
// place is free again as soon as that process is gone, however it ended.
//
// Threads: as the classes that use it.
class SharedLine {
 public:
  enum class Role : int { kLine = 0, kStation = 1, kRelay = 2 };
  struct Size {
    int width = 0;  // of a frame, px
    int height = 0;
    image::PixelFormat format = image::PixelFormat::kGrey8;
  };

  // A new file at `path`, with all words 0; the one that was there is gone.
  // wrong_state: another line process serves it. io: it cannot be made.
  static Result<std::unique_ptr<SharedLine>> Create(const std::filesystem::path& path, Size size);
  // not_found; corrupt: none of ours; unsupported: of another version; wrong_state: no line serves
  // it, or the role is taken.
  static Result<std::unique_ptr<SharedLine>> Open(const std::filesystem::path& path, Role role);
  ~SharedLine();
  SharedLine(const SharedLine&) = delete;
  SharedLine& operator=(const SharedLine&) = delete;

  // Some process has the role. A system call: not for the way of a part.
  bool Taken(Role role) const;

  const Size& size() const { return size_; }
  std::size_t frame_bytes() const;
  SharedWords& words() { return *words_; }
  std::uint8_t* Pixels(std::size_t slot);

 private:
  SharedLine(int fd, void* mapped, std::size_t bytes, Size size);

  const int fd_;
  void* const mapped_;
  const std::size_t bytes_;
  const Size size_;
  SharedWords* const words_;
};

// A level as the wire has it: one word, so that it is never seen half changed.
struct WireLevel {
  bool energised = false;
  TimePoint until = TimePoint::max();  // the wire's own one-shot drops the level then
  std::uint64_t run = 0;               // of the station that set it, low 15 bits

  bool EnergisedAt(TimePoint time) const { return energised && time < until; }
};
// `until` is kept to the microsecond below; later than nine years after the start of the unit is
// never.
std::uint64_t Pack(const WireLevel& level);
WireLevel Unpack(std::uint64_t word);

inline std::uint64_t ToWord(TimePoint time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}
inline TimePoint FromWord(std::uint64_t word) {
  return TimePoint(Duration(static_cast<Duration::rep>(word)));
}

// Adds one to a wake word and wakes all who wait for it, in any process.
void Wake(WakeWord& word);
// Returns when the word is no longer `seen`, at a wake, or at `until`.
void WaitForWake(WakeWord& word, std::uint32_t seen, TimePoint until);

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_SHARED_SHARED_LINE_H_
