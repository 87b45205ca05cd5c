#include "int8/team.h"

#include <pthread.h>
#include <signal.h>

#include <chrono>

namespace taktgate::int8 {
namespace {

constexpr int kSpins = 20'000;
constexpr std::chrono::microseconds kMoment{50};

void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// `met` is true soon, unless the thread that makes it true has no core.
template <typename Met>
void SpinUntil(const Met& met) {
  for (int spins = 0; !met(); ++spins) {
    if (spins < kSpins) {
      Pause();
    } else {
      std::this_thread::sleep_for(kMoment);
    }
  }
}

// An order: the run in the upper half, then the step to begin with, counted from 1.
constexpr std::uint32_t kNotYet = 0, kNoMore = ~std::uint32_t{0};

std::uint64_t Order(std::uint32_t run, std::uint32_t what) {
  return std::uint64_t{run} << 32 | what;
}

// Signals are for the threads of the program: while this lives, new threads get none.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

Team::Team(const Kernels& kernels, int threads, std::int64_t least_work)
    : kernels_(kernels), least_work_(least_work) {
  const NoSignals none;
  try {
    for (int number = 1; number < threads; ++number) {
      workers_.emplace_back([this, number] { Work(number); });
    }
  } catch (...) {
    Dismiss();
    throw;
  }
}

Team::~Team() { Dismiss(); }

void Team::Dismiss() {
  over_.store(true, std::memory_order_relaxed);
  run_.fetch_add(1);
  run_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void Team::Plan(std::span<const Step> steps) {
  const int shares = threads();
  is_shared_.assign(steps.size(), 0);
  shares_any_ = false;
  for (int number = 0; number < shares; ++number) {
    std::vector<Step>& mine = all_[static_cast<std::size_t>(number)].shares;
    mine.assign(steps.begin(), steps.end());
    for (std::size_t k = 0; k < steps.size(); ++k) {
      if (WorkOf(steps[k]) < least_work_) continue;
      const auto share = ShareOf(steps[k], kernels_, number, shares);
      if (!share) continue;
      mine[k] = *share;
      is_shared_[k] = 1;
      shares_any_ = true;
    }
  }
}

bool Team::Run(std::span<const Step> steps, const std::atomic<bool>& stopped) {
  const std::uint32_t run = run_.load(std::memory_order_relaxed) + 1;
  if (shares_any_) {
    order_.store(Order(run, kNotYet), std::memory_order_release);
    run_.store(run);  // in sequence with what notify_all looks at
    run_.notify_all();
  }
  for (std::size_t k = 0; k < steps.size(); ++k) {
    if (stopped.load(std::memory_order_relaxed)) return EndAlone(run, false);
    if (is_shared_[k] != 0 && AreAllAwakeFor(run)) {
      order_.store(Order(run, static_cast<std::uint32_t>(k) + 1), std::memory_order_release);
      return DoShares(0, k, &stopped);
    }
    Do(steps[k], kernels_);
  }
  return EndAlone(run, true);
}

bool Team::EndAlone(std::uint32_t run, bool done) {
  if (shares_any_) order_.store(Order(run, kNoMore), std::memory_order_release);
  return done;
}

bool Team::AreAllAwakeFor(std::uint32_t run) const {
  for (std::size_t number = 1; number <= workers_.size(); ++number) {
    if (all_[number].awake_for.load(std::memory_order_acquire) != run) return false;
  }
  return true;
}

void Team::Work(int number) {
  std::atomic<std::uint32_t>& awake_for = all_[static_cast<std::size_t>(number)].awake_for;
  std::uint32_t run = 0;
  while (true) {
    run_.wait(run, std::memory_order_acquire);
    run = run_.load(std::memory_order_acquire);
    if (over_.load(std::memory_order_relaxed)) return;
    awake_for.store(run, std::memory_order_release);
    std::uint64_t order = 0;
    SpinUntil([&] {
      order = order_.load(std::memory_order_acquire);
      return order != Order(run, kNotYet);
    });
    const auto what = static_cast<std::uint32_t>(order);
    // Of a later run there is another waking.
    if (order >> 32 == run && what != kNoMore) DoShares(number, what - 1, nullptr);
  }
}

bool Team::DoShares(int number, std::size_t first, const std::atomic<bool>* stopped) {
  const std::vector<Step>& mine = all_[static_cast<std::size_t>(number)].shares;
  const bool leads = number == 0;
  for (std::size_t k = first; k < mine.size(); ++k) {
    if (leads && stopped->load(std::memory_order_relaxed)) return Meet(number, true);
    const bool must_meet = k > first && (is_shared_[k] != 0 || is_shared_[k - 1] != 0);
    if (must_meet && !Meet(number, false)) return false;
    if (leads || is_shared_[k] != 0) Do(mine[k], kernels_);
  }
  return Meet(number, false);
}

bool Team::Meet(int number, bool ends) {
  Thread& me = all_[static_cast<std::size_t>(number)];
  const std::uint64_t meeting = ++me.met;
  me.shown.store(meeting * 2 + (ends ? 1 : 0), std::memory_order_release);
  // What the leader shows decides; one that has gone on to the next meeting did not end the run.
  std::uint64_t of_leader = 0;
  for (std::size_t other = workers_.size() + 1; other-- > 0;) {
    SpinUntil([&] {
      of_leader = all_[other].shown.load(std::memory_order_acquire);
      return of_leader >= meeting * 2;
    });
  }
  return of_leader != meeting * 2 + 1;
}

}  // namespace taktgate::int8
