#ifndef TAKTGATE_STATION_ERRANDS_H_
#define TAKTGATE_STATION_ERRANDS_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/event_signal.h"
#include "base/spsc_ring.h"

namespace taktgate::station {

// What other threads ask of the gate thread, one errand after the other. Either the gate thread
// claims an errand, and then it is waited for, or its giver withdraws it: one that was answered
// with "not done" is never done later. Two lock-free rings: nobody holds up the gate thread, and
// nothing is allocated after construction. Request and Answer are plain values.
//
// Threads: Claim and Finish from the gate thread; all else from one other thread at a time.
template <typename Request, typename Answer>
class Errands {
 public:
  struct Outcome {
    std::optional<Answer> answer;
    // It was not claimed in time. Without this and an answer: the gate thread has ended, or did not
    // come for those before.
    bool withdrawn = false;
  };

  // `gate_signal` wakes the gate thread; `running` is false once it has ended. Both outlive this.
  Errands(Clock& clock, EventSignal& gate_signal, const std::atomic<bool>& running)
      : clock_(clock), gate_signal_(gate_signal), running_(running) {}

  // Waits for the answer; from `limit` on, of the station's time, only for one that was claimed.
  Outcome Give(const Request& request, TimePoint limit) {
    if (!Tell(request)) return {};
    for (;;) {
      const bool ended = !running_;  // before the look, so that its last answer is seen
      if (const auto answer = Answered()) return {answer, false};
      if (ended) return {};
      if (clock_.Now() >= limit && Withdraw()) return {{}, true};
      WaitForAnswer(std::chrono::steady_clock::now() + kLookWhetherItEnded);
    }
  }

  // What Give consists of, for a giver that has something else to do meanwhile.
  // False: the gate thread has ended, or too many wait.
  bool Tell(const Request& request) {
    open_ = ++given_;
    if (!running_ || !requests_.Push({given_, request})) return false;
    gate_signal_.Notify();
    return true;
  }
  // To the last errand; answers to those before it are passed by.
  std::optional<Answer> Answered() {
    while (const auto answer = answers_.Pop()) {
      if (answer->number == given_) return answer->content;
    }
    return std::nullopt;
  }
  // True at an answer, which may be to one before; false at `until`, on CLOCK_MONOTONIC.
  bool WaitForAnswer(TimePoint until) { return answered_signal_.WaitUntil(until); }
  // False: it is claimed, and will be answered.
  bool Withdraw() { return Close(given_); }

  // The next one that is not withdrawn.
  std::optional<Request> Claim() {
    while (const auto request = requests_.Pop()) {
      if (!Close(request->number)) continue;
      claimed_ = request->number;
      return request->content;
    }
    return std::nullopt;
  }
  // The answer to the one that was claimed last.
  void Finish(const Answer& answer) {
    answers_.Push({claimed_, answer});
    answered_signal_.Notify();
  }

 private:
  template <typename Content>
  struct Envelope {
    std::uint64_t number;  // which answer is to which request
    Content content;
  };

  // True for one of the two only.
  bool Close(std::uint64_t number) { return open_.compare_exchange_strong(number, 0); }

  // Of the waiting thread's own time, not the station's, which may run ahead or stand.
  static constexpr std::chrono::milliseconds kLookWhetherItEnded{50};

  Clock& clock_;
  EventSignal& gate_signal_;
  const std::atomic<bool>& running_;
  std::uint64_t given_ = 0;             // the giver's
  std::uint64_t claimed_ = 0;           // the gate thread's
  std::atomic<std::uint64_t> open_{0};  // that nobody has claimed yet
  DroppingSpscRing<Envelope<Request>> requests_{2};
  DroppingSpscRing<Envelope<Answer>> answers_{4};
  EventSignal answered_signal_;
};

}  // namespace taktgate::station

#endif  // TAKTGATE_STATION_ERRANDS_H_
