#include "session/hiccup_watch.h"

#include "base/thread_name.h"

namespace taktgate::session {

void HiccupWatch::Start() {
  thread_ = std::thread([this] {
    NameThisThread("hiccups");
    MonotonicClock clock;
    do {  // once at least, however late this thread starts
      const TimePoint due = clock.Now() + std::chrono::milliseconds(1);
      clock.SleepUntil(due);
      histogram_.Record(clock.Now() - due);
    } while (!stopping_);
  });
}

void HiccupWatch::Stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

}  // namespace taktgate::session
