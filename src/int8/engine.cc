#include "int8/engine.h"

#include <algorithm>
#include <string>
#include <system_error>

#include "int8/assemble.h"
#include "int8/probe.h"

namespace taktgate::int8 {
namespace {

constexpr int kMostWindows = 64;

// Those that are wanted, or all for this CPU, best first.
Result<std::vector<const Kernels*>> SetsFor(const Network& network, std::optional<Isa> wanted) {
  std::vector<const Kernels*> sets;
  for (const Isa isa : wanted ? std::vector{*wanted} : IsasOfThisCpu()) {
    if (const Kernels* kernels = KernelsFor(isa, network.weight_bits)) sets.push_back(kernels);
  }
  if (wanted && sets.empty()) {
    return Error{ErrorCode::kUnsupported, "expected an instruction set that this CPU has, got " +
                                              std::string(NameOf(*wanted)) +
                                              "; leave the choice open"};
  }
  return sets;
}

Status CheckArena(std::span<std::uint8_t> arena, std::size_t needed) {
  const auto beyond = reinterpret_cast<std::uintptr_t>(arena.data()) % AlignedBytes::kAlignedTo;
  if (arena.size() >= needed && beyond == 0) return {};
  return Invalid("expected an arena of " + std::to_string(needed) +
                 " bytes that begins at a multiple of " + std::to_string(AlignedBytes::kAlignedTo) +
                 ", got " + std::to_string(arena.size()) + " bytes that begin " +
                 std::to_string(beyond) + " beyond one");
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::Create(const Network& network,
                                               const EngineSettings& settings) {
  const auto needed = ArenaBytes(network, settings.windows);
  if (!needed) return needed.error();
  if (!settings.arena.empty()) {
    if (auto fits = CheckArena(settings.arena, *needed); !fits) return fits.error();
  }
  const auto sets = SetsFor(network, settings.isa);
  if (!sets) return sets.error();
  return CreateBy(*sets, network, settings.windows, settings.arena);
}

Result<std::size_t> Engine::ArenaBytes(const Network& network, int windows) {
  if (windows < 1 || windows > kMostWindows) {
    return Invalid("expected 1 to " + std::to_string(kMostWindows) + " windows a run, got " +
                   std::to_string(windows));
  }
  return PlanMemory(network, windows).arena_bytes;
}

Result<std::unique_ptr<Engine>> Engine::CreateBy(std::span<const Kernels* const> sets,
                                                 const Network& network, int windows,
                                                 std::span<std::uint8_t> arena) {
  std::vector<Isa> left_out;
  for (const Kernels* kernels : sets) {
    std::unique_ptr<Engine> engine(new Engine(network, *kernels, windows, arena));
    if (engine->IsRight(network)) {
      engine->left_out_ = std::move(left_out);
      return engine;
    }
    left_out.push_back(kernels->isa);
  }
  return Error{ErrorCode::kInternal,
               "expected a set of kernels that gives the right bytes, got none; "
               "please report this CPU"};
}

bool Engine::IsRight(const Network& network) {
  if (kernels_->isa == Isa::kScalar) return true;
  Constants constants;
  const AlignedBytes plain_arena(arena_.size());  // sets hold codes in their own way
  const auto plain =
      Assemble(network, *KernelsFor(Isa::kScalar, network.weight_bits),
               {plan_, plain_arena.data(), planes_, logits_, CodesOfOutputs(), constants});
  return GivesTheRightBytes(steps_, *kernels_, plain, arena_, plain_arena);
}

std::vector<std::uint8_t*> Engine::CodesOfOutputs() {
  std::vector<std::uint8_t*> codes;
  for (auto& output : outputs_) codes.push_back(output.data());
  return codes;
}

Engine::Engine(const Network& network, const Kernels& kernels, int windows,
               std::span<std::uint8_t> arena)
    : kernels_(&kernels),
      windows_(windows),
      input_(network.input()),
      plan_(PlanMemory(network, windows)),
      arena_(arena.empty() ? AlignedBytes(plan_.arena_bytes)
                           : AlignedBytes(arena.first(plan_.arena_bytes))),
      planes_(static_cast<std::size_t>(windows * input_.channels)),
      labels_(static_cast<std::size_t>(network.labels())),
      logits_(static_cast<std::size_t>(windows) * ((labels_ + 15) / 16 * 16)) {
  for (const ExtraOutput& output : network.extra_outputs) {
    const std::size_t size = network.tensors[static_cast<std::size_t>(output.tensor)].size();
    outputs_.emplace_back(size * static_cast<std::size_t>(windows));
  }
  steps_ = Assemble(network, kernels,
                    {plan_, arena_.data(), planes_, logits_, CodesOfOutputs(), constants_});
}

Status Engine::UseThreads(int threads) {
  if (threads < 1 || threads > kMostThreads) {
    return Invalid("expected 1 to " + std::to_string(kMostThreads) + " threads, got " +
                   std::to_string(threads));
  }
  team_.reset();
  if (threads == 1) return {};
  try {
    team_ = std::make_unique<Team>(*kernels_, threads);
  } catch (const std::system_error& refused) {
    return Error{ErrorCode::kIo, "expected " + std::to_string(threads) +
                                     " threads, got none from the system: " + refused.what() +
                                     "; raise its limit, or use 1"};
  }
  team_->Plan(steps_);
  return {};
}

void Engine::SetInput(int window, std::span<const Plane> planes) {
  std::ranges::copy(planes.first(static_cast<std::size_t>(input_.channels)),
                    planes_.begin() + std::ptrdiff_t{window} * input_.channels);
}

bool Engine::Run(int windows) {
  if (windows != set_windows_) {
    for (Step& step : steps_) SetWindows(step, windows);
    set_windows_ = windows;
    if (team_ != nullptr) team_->Plan(steps_);
  }
  if (team_ != nullptr) return team_->Run(steps_, stopped_);
  for (const Step& step : steps_) {
    if (stopped_.load(std::memory_order_relaxed)) return false;
    Do(step, *kernels_);
  }
  return true;
}

std::span<const float> Engine::logits(int window) const {
  const std::size_t step = (labels_ + 15) / 16 * 16;
  return std::span(logits_).subspan(static_cast<std::size_t>(window) * step, labels_);
}

std::span<const std::uint8_t> Engine::extra_output(int window, std::size_t index) const {
  const auto& all = outputs_[index];
  const std::size_t size = all.size() / static_cast<std::size_t>(windows_);
  return std::span(all).subspan(static_cast<std::size_t>(window) * size, size);
}

}  // namespace taktgate::int8
