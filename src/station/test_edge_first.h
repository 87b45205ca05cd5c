#ifndef TAKTGATE_STATION_TEST_EDGE_FIRST_H_
#define TAKTGATE_STATION_TEST_EDGE_FIRST_H_

#include <atomic>

#include "base/event_signal.h"
#include "line/line.h"

namespace taktgate::station::testing {

// A camera whose frame comes only when the gate can know the edge, however slow a thread is.
class EdgeFirst {
 public:
  EdgeFirst(line::Trigger& trigger, line::Camera& camera)
      : trigger_(*this, trigger), camera_(*this, camera) {}
  line::Trigger& trigger() { return trigger_; }
  line::Camera& camera() { return camera_; }

 private:
  class Trigger : public line::Trigger {
   public:
    Trigger(EdgeFirst& both, line::Trigger& inner) : both_(both), inner_(inner) {}
    Status Start(TimePoint at) override { return inner_.Start(at); }
    // Asked again, the station has handed over the edge.
    line::Wait Next(TimePoint until, line::Edge& edge) override {
      if (reported_ && !both_.edge_known_) {
        both_.edge_known_ = true;
        both_.camera_may_go_.Notify();
      }
      const line::Wait wait = inner_.Next(until, edge);
      reported_ = reported_ || wait == line::Wait::kReady;
      return wait;
    }

   private:
    EdgeFirst& both_;
    line::Trigger& inner_;
    bool reported_ = false;
  };
  class Camera : public line::Camera {
   public:
    Camera(EdgeFirst& both, line::Camera& inner) : both_(both), inner_(inner) {}
    image::FrameFormat format() const override { return inner_.format(); }
    Status Start(TimePoint at) override { return inner_.Start(at); }
    line::Wait Next(TimePoint until, image::Frame& frame) override {
      if (!both_.edge_known_) both_.camera_may_go_.WaitUntil(until);
      return both_.edge_known_ ? inner_.Next(until, frame) : line::Wait::kTimeout;
    }
    void Release(const image::Frame& frame) override { inner_.Release(frame); }

   private:
    EdgeFirst& both_;
    line::Camera& inner_;
  };

  Trigger trigger_;
  Camera camera_;
  std::atomic<bool> edge_known_{false};
  EventSignal camera_may_go_;
};

}  // namespace taktgate::station::testing

#endif  // TAKTGATE_STATION_TEST_EDGE_FIRST_H_
