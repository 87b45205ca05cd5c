#ifndef TAKTGATE_INT8_ENGINE_H_
#define TAKTGATE_INT8_ENGINE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "int8/aligned_bytes.h"
#include "int8/constants.h"
#include "int8/kernels/isa.h"
#include "int8/kernels/kernels.h"
#include "int8/network/network.h"
#include "int8/plan.h"
#include "int8/step.h"
#include "int8/team.h"

namespace taktgate::int8 {

struct EngineSettings {
  int windows = 1;           // most that one run takes, 1 to 64
  std::optional<Isa> isa{};  // nullopt: the fastest one that gives the right bytes here
  // Memory for the maps of a run, from a multiple of 64 on, of this engine alone while it lives.
  // Empty: the engine takes its own.
  std::span<std::uint8_t> arena{};
};

// A compiled network, repacked for this CPU, with all the memory that it needs. Run gives the bytes
// that docs/int8.md defines, and neither allocates nor locks nor calls the system. With more than
// one thread (UseThreads) it calls the system to wake the others at its beginning, and sleeps where
// one of them has lost its core; team.h says how.
//
// Threads: input, UseThreads, Run and outputs from one; Stop and Resume from any.
class Engine {
 public:
  // unsupported: this CPU, or this program, has no kernels of that name. invalid: the number of
  // windows, the arena.
  static Result<std::unique_ptr<Engine>> Create(const Network& network,
                                                const EngineSettings& settings = {});
  // The same with the first of these sets, best first, that gives the right bytes on this CPU.
  // internal: none does.
  static Result<std::unique_ptr<Engine>> CreateBy(std::span<const Kernels* const> sets,
                                                  const Network& network, int windows,
                                                  std::span<std::uint8_t> arena = {});
  // The bytes that settings.arena must have. invalid: the number of windows.
  static Result<std::size_t> ArenaBytes(const Network& network, int windows);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Further threads for the runs to come: 1, as at the beginning, to kMostThreads in all. They are
  // made here, and end with the engine. The bytes stay the same. invalid: another number; io: the
  // system gives no further thread.
  Status UseThreads(int threads);

  // Where the channels of a window lie, one plane for each. They are read by the next Run, in
  // place.
  void SetInput(int window, std::span<const Plane> planes);

  // Computes the first `windows` windows. False: it was told to stop, and the outputs are of no
  // run.
  bool Run(int windows);

  std::span<const float> logits(int window) const;
  // As network.extra_outputs: height x width x channels codes.
  std::span<const std::uint8_t> extra_output(int window, std::size_t index) const;

  // Makes a Run in progress, or the next one, stop between two layers.
  void Stop() { stopped_.store(true, std::memory_order_relaxed); }
  void Resume() { stopped_.store(false, std::memory_order_relaxed); }

  Isa isa() const { return kernels_->isa; }
  // Sets that this CPU has, but that gave other bytes than the scalar one. To be reported.
  const std::vector<Isa>& left_out() const { return left_out_; }
  int most_windows() const { return windows_; }
  int threads() const { return team_ == nullptr ? 1 : team_->threads(); }
  std::size_t arena_bytes() const { return plan_.arena_bytes; }
  const Tensor& input() const { return input_; }

 private:
  Engine(const Network& network, const Kernels& kernels, int windows,
         std::span<std::uint8_t> arena);
  bool IsRight(const Network& network);
  std::vector<std::uint8_t*> CodesOfOutputs();

  const Kernels* kernels_;
  int windows_;
  Tensor input_;
  MemoryPlan plan_;
  AlignedBytes arena_;
  Constants constants_;
  std::vector<Plane> planes_;
  std::size_t labels_ = 0;
  std::vector<float> logits_;
  std::vector<std::vector<std::uint8_t>> outputs_;  // of each extra output all windows
  std::vector<Step> steps_;
  int set_windows_ = 1;
  std::vector<Isa> left_out_;
  std::atomic<bool> stopped_{false};
  std::unique_ptr<Team> team_;  // nullptr: one thread
};

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_ENGINE_H_
