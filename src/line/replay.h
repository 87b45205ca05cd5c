#ifndef TAKTGATE_LINE_REPLAY_H_
#define TAKTGATE_LINE_REPLAY_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "line/line.h"

namespace taktgate::line {

// Parts at a fixed rate, whether or not anybody keeps up with them (open loop): edge k is at
// start + k * period, its frame is complete at edge + acquisition delay + jitter (uniform in
// [0, jitter], from the seed and k alone). Pure; trigger and camera share it without sharing state.
struct Schedule {
  Duration period = std::chrono::milliseconds(10);
  Duration acquisition_delay = std::chrono::microseconds(2500);  // exposure + transport
  Duration acquisition_jitter = std::chrono::microseconds(200);
  std::uint64_t seed = 1;
  std::uint64_t parts = 0;  // 0: endless

  TimePoint EdgeAt(TimePoint start, std::uint64_t part) const;
  TimePoint FrameAt(TimePoint start, std::uint64_t part) const;
};

// Where the pixels of a replayed line come from: decoded files, or the board simulator.
//
// Threads: one, the camera's.
class ImageSource {
 public:
  virtual ~ImageSource() = default;
  virtual image::FrameFormat format() const = 0;
  // Writes part `part`'s pixels (rows not padded). Called ahead of time, in order of parts.
  virtual void Fill(std::uint64_t part, std::uint8_t* pixels) = 0;
};

// What a replayed camera does wrong on request, at one part each.
struct CameraFault {
  enum class Kind : std::uint8_t {
    kLostFrame,       // never arrives; its sequence number is missing
    kIgnoredTrigger,  // never arrives, and the sequence does not show it
    kPartialFrame,
    kLateFrame,  // arrives `by` later
    kGone,       // the device fails here
  };
  std::uint64_t part = 0;
  Kind kind = Kind::kLostFrame;
  Duration by{};
};

class ReplayTrigger final : public Trigger {
 public:
  ReplayTrigger(const Schedule& schedule, Clock& clock);
  Status Start(TimePoint at) override;
  Wait Next(TimePoint until, Edge& edge) override;

 private:
  const Schedule schedule_;
  Clock& clock_;
  TimePoint start_{};
  std::uint64_t next_ = 0;
};

// Threads: as Camera. Reads ahead: the next frame's pixels are in the pool before they are due.
class ReplayCamera final : public Camera {
 public:
  // not_found: no source. invalid, io: no pool for its frames.
  static Result<std::unique_ptr<ReplayCamera>> Open(const Schedule& schedule, Clock& clock,
                                                    std::unique_ptr<ImageSource> source,
                                                    std::vector<CameraFault> faults = {},
                                                    int buffers = 8);
  ~ReplayCamera() override;
  image::FrameFormat format() const override { return source_->format(); }
  Status Start(TimePoint at) override;
  Wait Next(TimePoint until, image::Frame& frame) override;
  void Release(const image::Frame& frame) override;
  std::string fault() const override;

 private:
  ReplayCamera(const Schedule& schedule, Clock& clock, std::unique_ptr<ImageSource> source,
               std::vector<CameraFault> faults, std::unique_ptr<image::FramePool> pool);
  void ReadAhead();
  bool Deliver(const CameraFault* fault, TimePoint due, TimePoint arrival, image::Frame& frame);
  const CameraFault* FaultAt(std::uint64_t part) const;

  // Constant after construction.
  const Schedule schedule_;
  Clock& clock_;
  const std::unique_ptr<ImageSource> source_;
  const std::vector<CameraFault> faults_;
  const std::unique_ptr<image::FramePool> pool_;
  // The camera thread's.
  TimePoint start_{};
  std::uint64_t part_ = 0;
  std::uint64_t sequence_ = 0;
  image::Frame ahead_;
  bool have_buffer_ = false;
  std::atomic<bool> gone_{false};
};

// Images held in memory, one per part, over and over. All must have one size and format.
class MemorySource final : public ImageSource {
 public:
  static Result<std::unique_ptr<MemorySource>> Create(std::vector<image::Image> images);
  image::FrameFormat format() const override;
  void Fill(std::uint64_t part, std::uint8_t* pixels) override;
  std::size_t size() const { return images_.size(); }

 private:
  explicit MemorySource(std::vector<image::Image> images) : images_(std::move(images)) {}
  const std::vector<image::Image> images_;
};

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_REPLAY_H_
