#ifndef TAKTGATE_STATION_FRAME_HOLDERS_H_
#define TAKTGATE_STATION_FRAME_HOLDERS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace taktgate::station {

// How many still need the buffer of a frame, by its number in the camera's pool, which is below
// kSlots. The last one to let go gives it back.
//
// Threads: any; who calls Add holds the frame meanwhile.
class FrameHolders {
 public:
  static constexpr std::size_t kSlots = 256;

  // A frame comes from the camera, for so many.
  void Begin(std::uint32_t slot, std::uint8_t holders) { holders_[slot] = holders; }
  void Add(std::uint32_t slot) { ++holders_[slot]; }
  // True for the last holder.
  bool LetGo(std::uint32_t slot) { return holders_[slot].fetch_sub(1) == 1; }

 private:
  std::array<std::atomic<std::uint8_t>, kSlots> holders_{};
};

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_FRAME_HOLDERS_H_
