#include <taktgate/int8.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "int8/c_handle.h"
#include "int8/engine.h"
#include "int8/network/network_file.h"

namespace int8 = taktgate::int8;

namespace {

using taktgate::Error;
using taktgate::ErrorCode;
using taktgate::Invalid;

void Write(std::string_view words, char* message, std::size_t size) {
  if (message == nullptr || size == 0) return;
  const std::size_t length = std::min(words.size(), size - 1);
  std::memcpy(message, words.data(), length);
  message[length] = '\0';
}

taktgate_int8_status StatusOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid:
      return TAKTGATE_INT8_INVALID;
    case ErrorCode::kCorrupt:
      return TAKTGATE_INT8_CORRUPT;
    case ErrorCode::kUnsupported:
      return TAKTGATE_INT8_UNSUPPORTED;
    default:
      return TAKTGATE_INT8_INTERNAL;
  }
}

// A status without a message of its own, or an error.
using Outcome = taktgate::Result<taktgate_int8_status>;

// Does `work`, and says what came of it.
template <typename Work>
taktgate_int8_status Guarded(char* message, std::size_t size, const Work& work) {
  try {
    const Outcome done = work();
    if (!done) {
      Write(done.error().message, message, size);
      return StatusOf(done.error().code);
    }
    if (*done != TAKTGATE_INT8_OK) Write(taktgate_int8_words(*done), message, size);
    return *done;
  } catch (const std::bad_alloc&) {
    Write(taktgate_int8_words(TAKTGATE_INT8_NO_MEMORY), message, size);
    return TAKTGATE_INT8_NO_MEMORY;
  } catch (...) {
    Write(taktgate_int8_words(TAKTGATE_INT8_INTERNAL), message, size);
    return TAKTGATE_INT8_INTERNAL;
  }
}

// The one run at a time.
class Turn {
 public:
  explicit Turn(std::atomic_flag& running)
      : running_(running), mine_(!running.test_and_set(std::memory_order_acquire)) {}
  ~Turn() {
    if (mine_) running_.clear(std::memory_order_release);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool mine() const { return mine_; }

 private:
  std::atomic_flag& running_;
  const bool mine_;
};

taktgate::Result<std::unique_ptr<taktgate_int8>> Make(const int8::Network& network,
                                                      int8::EngineSettings settings,
                                                      const char* instruction_set) {
  if (instruction_set != nullptr) {
    const auto isa = int8::IsaNamed(instruction_set);
    if (!isa) return isa.error();
    settings.isa = *isa;
  }
  auto engine = int8::Engine::Create(network, settings);
  if (!engine) return engine.error();
  return int8::HandleOf(std::move(*engine), network);
}

// A picture whose rows do not overlap and whose last pixel has an address.
taktgate::Status CheckPlane(const taktgate_int8_plane& plane, const taktgate_int8_info& info) {
  if (plane.first == nullptr) return Invalid("expected where it begins, got NULL");
  constexpr std::ptrdiff_t kMost = PTRDIFF_MAX / 4096;  // sides have at most 1,024 pixels
  const std::ptrdiff_t row =
      plane.step > kMost ? kMost : std::ptrdiff_t{info.width - 1} * plane.step + 1;
  const bool rows_fit = info.height == 1 || (plane.row_step >= row && plane.row_step <= kMost);
  if (plane.step >= 1 && plane.step <= kMost && rows_fit) return {};
  return Invalid("expected steps of at least 1 within a row and " + std::to_string(row) +
                 " between rows, and none that leaves the memory, got " +
                 std::to_string(plane.step) + " and " + std::to_string(plane.row_step));
}

taktgate::Status Show(taktgate_int8& network, const taktgate_int8_plane* planes, int windows) {
  const int channels = network.info.channels;
  for (int window = 0; window < windows; ++window) {
    for (int c = 0; c < channels; ++c) {
      const taktgate_int8_plane& plane = planes[std::ptrdiff_t{window} * channels + c];
      if (auto sound = CheckPlane(plane, network.info); !sound) {
        return std::move(sound).Within("plane of window " + std::to_string(window) + ", channel " +
                                       std::to_string(c));
      }
      network.planes[static_cast<std::size_t>(c)] = {plane.first, plane.row_step, plane.step};
    }
    network.engine->SetInput(window, network.planes);
  }
  return {};
}

Outcome Run(taktgate_int8& network, const taktgate_int8_plane* planes, int windows, float* logits) {
  if (windows < 1 || windows > network.info.windows) {
    return Invalid("expected 1 to " + std::to_string(network.info.windows) + " windows, got " +
                   std::to_string(windows));
  }
  if (planes == nullptr || logits == nullptr) {
    return Invalid("expected planes and room for logits, got NULL");
  }
  if (reinterpret_cast<std::uintptr_t>(logits) % alignof(float) != 0) {
    return Invalid("expected room for logits at a multiple of " + std::to_string(alignof(float)) +
                   ", got an address between two");
  }
  if (auto shown = Show(network, planes, windows); !shown) return shown.error();
  network.windows_of_run = 0;
  if (!network.engine->Run(windows)) return TAKTGATE_INT8_STOPPED;
  network.windows_of_run = windows;
  for (int window = 0; window < windows; ++window) {
    const auto of_window = network.engine->logits(window);
    logits = std::copy(of_window.begin(), of_window.end(), logits);
  }
  return TAKTGATE_INT8_OK;
}

taktgate::Result<int8::Network> Read(const void* file, std::size_t size) {
  if (file == nullptr) return Invalid("expected a compiled network, got NULL");
  auto network = int8::ReadNetwork({static_cast<const std::uint8_t*>(file), size});
  if (network) return network;
  Error refused = network.error();
  refused.message += refused.code == ErrorCode::kCorrupt
                         ? "; copy the file again"
                         : "; compile it again with the `taktgate-prep` of this version";
  return refused;
}

Outcome Load(const void* file, std::size_t size, int8::EngineSettings settings,
             const char* instruction_set, taktgate_int8** network) {
  if (network == nullptr) return Invalid("expected a place for the network, got NULL");
  *network = nullptr;
  const auto read = Read(file, size);
  if (!read) return read.error();
  auto loaded = Make(*read, settings, instruction_set);
  if (!loaded) return loaded.error();
  *network = loaded->release();
  return TAKTGATE_INT8_OK;
}

}  // namespace

const char* taktgate_int8_words(int status) {
  switch (status) {
    case TAKTGATE_INT8_OK:
      return "done";
    case TAKTGATE_INT8_INVALID:
      return "an argument or the file breaks a rule";
    case TAKTGATE_INT8_CORRUPT:
      return "the file was cut or damaged";
    case TAKTGATE_INT8_UNSUPPORTED:
      return "of a later version, or not for this CPU";
    case TAKTGATE_INT8_BUSY:
      return "another thread is in a run of this network";
    case TAKTGATE_INT8_STOPPED:
      return "the network was told to stop; there is no result";
    case TAKTGATE_INT8_NO_MEMORY:
      return "the system has no memory for it";
    case TAKTGATE_INT8_INTERNAL:
      break;
  }
  return "a bug of the engine; please report it";
}

int taktgate_int8_abi(void) { return TAKTGATE_INT8_ABI; }

taktgate_int8_status taktgate_int8_load(const void* file, size_t size, int windows,
                                        const char* instruction_set, taktgate_int8** network,
                                        char* message, size_t message_size) {
  return Guarded(message, message_size, [&] {
    return Load(file, size, {windows, std::nullopt, {}}, instruction_set, network);
  });
}

taktgate_int8_status taktgate_int8_arena_size(const void* file, size_t size, int windows,
                                              size_t* bytes, char* message, size_t message_size) {
  return Guarded(message, message_size, [&]() -> Outcome {
    if (bytes == nullptr) return Invalid("expected a place for the number of bytes, got NULL");
    const auto network = Read(file, size);
    if (!network) return network.error();
    const auto needed = int8::Engine::ArenaBytes(*network, windows);
    if (!needed) return needed.error();
    *bytes = *needed;
    return TAKTGATE_INT8_OK;
  });
}

taktgate_int8_status taktgate_int8_load_into(void* arena, size_t arena_size, const void* file,
                                             size_t size, int windows, const char* instruction_set,
                                             taktgate_int8** network, char* message,
                                             size_t message_size) {
  return Guarded(message, message_size, [&]() -> Outcome {
    if (network != nullptr) *network = nullptr;
    if (arena == nullptr || arena_size == 0) return Invalid("expected an arena, got none");
    return Load(file, size,
                {windows, std::nullopt, {static_cast<std::uint8_t*>(arena), arena_size}},
                instruction_set, network);
  });
}

taktgate_int8_status taktgate_int8_use_threads(taktgate_int8* network, int threads, char* message,
                                               size_t message_size) {
  return Guarded(message, message_size, [&]() -> Outcome {
    if (network == nullptr) return Invalid("expected a network, got NULL");
    const Turn turn(network->running);
    if (!turn.mine()) return TAKTGATE_INT8_BUSY;
    if (auto used = network->engine->UseThreads(threads); !used) return used.error();
    return TAKTGATE_INT8_OK;
  });
}

void taktgate_int8_free(taktgate_int8* network) { delete network; }

taktgate_int8_status taktgate_int8_describe(const taktgate_int8* network,
                                            taktgate_int8_info* info) {
  if (network == nullptr || info == nullptr) return TAKTGATE_INT8_INVALID;
  *info = network->info;
  return TAKTGATE_INT8_OK;
}

const char* taktgate_int8_left_out(const taktgate_int8* network) {
  return network == nullptr ? nullptr : network->left_out.c_str();
}

taktgate_int8_status taktgate_int8_describe_output(const taktgate_int8* network, int index,
                                                   taktgate_int8_output* output) {
  if (network == nullptr || output == nullptr) return TAKTGATE_INT8_INVALID;
  if (index < 0 || index >= network->info.extra_outputs) return TAKTGATE_INT8_INVALID;
  *output = network->outputs[static_cast<std::size_t>(index)];
  return TAKTGATE_INT8_OK;
}

taktgate_int8_status taktgate_int8_run(taktgate_int8* network, const taktgate_int8_plane* planes,
                                       int windows, float* logits, char* message,
                                       size_t message_size) {
  return Guarded(message, message_size, [&]() -> Outcome {
    if (network == nullptr) return Invalid("expected a network, got NULL");
    const Turn turn(network->running);
    if (!turn.mine()) return TAKTGATE_INT8_BUSY;
    return Run(*network, planes, windows, logits);
  });
}

const uint8_t* taktgate_int8_codes(const taktgate_int8* network, int window, int index) {
  const bool there = network != nullptr && window >= 0 && window < network->windows_of_run &&
                     index >= 0 && index < network->info.extra_outputs;
  return there ? network->engine->extra_output(window, static_cast<std::size_t>(index)).data()
               : nullptr;
}

void taktgate_int8_stop(taktgate_int8* network) {
  if (network != nullptr) network->engine->Stop();
}

void taktgate_int8_resume(taktgate_int8* network) {
  if (network != nullptr) network->engine->Resume();
}
