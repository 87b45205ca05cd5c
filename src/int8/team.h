#ifndef TAKTGATE_INT8_TEAM_H_
#define TAKTGATE_INT8_TEAM_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <thread>
#include <vector>

#include "int8/kernels/kernels.h"
#include "int8/shares.h"
#include "int8/step.h"

namespace taktgate::int8 {

inline constexpr int kMostThreads = 4;

// Threads that do the steps of a run together with the one that calls it, the leader. Between runs
// they sleep. The leader wakes them by one system call, the only one of a run, and does not wait
// for them: it does step after step alone until all of them are there. From then on each does its
// share of every step that is worth it, and all meet where one step needs what others did before.
//
// Who waits in a meeting spins; only after some tenths of a millisecond, when another thread must
// have lost its core, it sleeps for moments, so that the other gets on even if it has a lower
// priority on the same core.
//
// Threads: one calls Plan and Run.
class Team {
 public:
  // `threads` with the leader: 2 to kMostThreads. `least_work`: of a step that is shared.
  // std::system_error: the system gives no further thread.
  Team(const Kernels& kernels, int threads, std::int64_t least_work = kLeastSharedWork);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  // What the next runs do. The memory for it is taken by the first call.
  void Plan(std::span<const Step> steps);
  // False: it was stopped between two steps.
  bool Run(std::span<const Step> steps, const std::atomic<bool>& stopped);

 private:
  // In a cache line of its own, which nobody else writes.
  struct alignas(64) Thread {
    std::vector<Step> shares;                 // of all steps; of the leader also those not shared
    std::uint64_t met = 0;                    // meetings that it has come to
    std::atomic<std::uint64_t> shown{0};      // the same for the others, twice; the leader adds 1
                                              // where the run ends here
    std::atomic<std::uint32_t> awake_for{0};  // the run that it woke for
  };

  void Work(int number);
  void Dismiss();
  bool AreAllAwakeFor(std::uint32_t run) const;
  bool EndAlone(std::uint32_t run, bool done);
  // From step `first` on. False: it was stopped. `stopped` is for the leader.
  bool DoShares(int number, std::size_t first, const std::atomic<bool>* stopped);
  bool Meet(int number, bool ends);

  const Kernels& kernels_;
  const std::int64_t least_work_;
  std::array<Thread, kMostThreads> all_;  // the leader first
  std::vector<std::uint8_t> is_shared_;   // of each step
  bool shares_any_ = false;
  alignas(64) std::atomic<std::uint32_t> run_{0};  // what workers sleep on
  std::atomic<std::uint64_t> order_{0};            // run and what its workers do
  std::atomic<bool> over_{false};
  std::vector<std::thread> workers_;
};

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_TEAM_H_
