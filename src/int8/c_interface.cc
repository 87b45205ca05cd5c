#include <taktgate/int8.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "int8/engine.h"
#include "int8/network_file.h"

namespace int8 = taktgate::int8;

// What stands behind the handle. Nothing that throws leaves this file.
struct taktgate_int8 {
  std::unique_ptr<int8::Engine> engine;
  taktgate_int8_info info{};
  std::vector<taktgate_int8_output> outputs;
  std::vector<int8::Plane> planes;  // of the window that is being shown
  std::atomic_flag running = ATOMIC_FLAG_INIT;
  int windows_of_run = 0;
};

namespace {

using taktgate::Error;
using taktgate::ErrorCode;
using taktgate::Invalid;

void Write(const std::string& words, char* message, std::size_t size) {
  if (message == nullptr || size == 0) return;
  const std::size_t length = std::min(words.size(), size - 1);
  std::memcpy(message, words.data(), length);
  message[length] = '\0';
}

taktgate_int8_status StatusOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid:
    case ErrorCode::kNotFound:
      return TAKTGATE_INT8_INVALID;
    case ErrorCode::kCorrupt:
      return TAKTGATE_INT8_CORRUPT;
    case ErrorCode::kUnsupported:
      return TAKTGATE_INT8_UNSUPPORTED;
    case ErrorCode::kIo:
      return TAKTGATE_INT8_NO_MEMORY;
    case ErrorCode::kWrongState:
      return TAKTGATE_INT8_BUSY;
    case ErrorCode::kTimeout:
      return TAKTGATE_INT8_STOPPED;
    case ErrorCode::kInternal:
      break;
  }
  return TAKTGATE_INT8_INTERNAL;
}

taktgate_int8_status Report(const Error& error, char* message, std::size_t size) {
  Write(error.message, message, size);
  return StatusOf(error.code);
}

taktgate_int8_output Described(const int8::Network& network, const int8::ExtraOutput& output) {
  const int8::Tensor& tensor = network.tensors[static_cast<std::size_t>(output.tensor)];
  return {static_cast<int>(output.role),
          tensor.height,
          tensor.width,
          tensor.channels,
          tensor.scale,
          tensor.zero_point};
}

taktgate::Result<std::unique_ptr<taktgate_int8>> Load(std::span<const std::uint8_t> file,
                                                      int windows, const char* instruction_set) {
  const auto network = int8::ReadNetwork(file);
  if (!network) return network.error();
  int8::EngineSettings settings{windows, std::nullopt};
  if (instruction_set != nullptr) {
    const auto isa = int8::IsaNamed(instruction_set);
    if (!isa) return isa.error();
    settings.isa = *isa;
  }
  auto engine = int8::Engine::Create(*network, settings);
  if (!engine) return engine.error();
  auto loaded = std::make_unique<taktgate_int8>();
  for (const int8::ExtraOutput& output : network->extra_outputs) {
    loaded->outputs.push_back(Described(*network, output));
  }
  loaded->engine = std::move(*engine);
  const int8::Tensor& input = loaded->engine->input();
  loaded->planes.resize(static_cast<std::size_t>(input.channels));
  loaded->info = {input.height,
                  input.width,
                  input.channels,
                  static_cast<int>(loaded->engine->logits(0).size()),
                  windows,
                  static_cast<int>(loaded->outputs.size()),
                  int8::NameOf(loaded->engine->isa()).data()};
  return loaded;
}

// A picture that lies where the plane says, without rows that overlap.
taktgate::Status CheckPlane(const taktgate_int8_plane& plane, const taktgate_int8_info& info) {
  if (plane.first == nullptr) return Invalid("expected a plane for each channel, got NULL");
  const std::ptrdiff_t row = std::ptrdiff_t{info.width - 1} * plane.step + 1;
  if (plane.step < 1 || (info.height > 1 && plane.row_step < row)) {
    return Invalid("expected steps of at least 1 within a row and " + std::to_string(row) +
                   " between rows, got " + std::to_string(plane.step) + " and " +
                   std::to_string(plane.row_step));
  }
  return {};
}

taktgate::Status Show(taktgate_int8& network, const taktgate_int8_plane* planes, int windows) {
  const auto channels = static_cast<std::size_t>(network.info.channels);
  for (int window = 0; window < windows; ++window) {
    for (std::size_t c = 0; c < channels; ++c) {
      const taktgate_int8_plane& plane = planes[static_cast<std::size_t>(window) * channels + c];
      if (auto sound = CheckPlane(plane, network.info); !sound) return sound;
      network.planes[c] = {plane.first, plane.row_step, plane.step};
    }
    network.engine->SetInput(window, network.planes);
  }
  return {};
}

taktgate::Status Run(taktgate_int8& network, const taktgate_int8_plane* planes, int windows,
                     float* logits) {
  if (windows < 1 || windows > network.info.windows) {
    return Invalid("expected 1 to " + std::to_string(network.info.windows) + " windows, got " +
                   std::to_string(windows));
  }
  if (planes == nullptr || logits == nullptr)
    return Invalid("expected planes and logits, got NULL");
  if (auto shown = Show(network, planes, windows); !shown) return shown;
  network.windows_of_run = 0;
  if (!network.engine->Run(windows)) {
    return Error{ErrorCode::kTimeout, "the network was told to stop; there is no result"};
  }
  network.windows_of_run = windows;
  for (int window = 0; window < windows; ++window) {
    const auto of_window = network.engine->logits(window);
    logits = std::copy(of_window.begin(), of_window.end(), logits);
  }
  return {};
}

}  // namespace

taktgate_int8_status taktgate_int8_load(const void* file, size_t size, int windows,
                                        const char* instruction_set, taktgate_int8** network,
                                        char* message, size_t message_size) {
  if (network != nullptr) *network = nullptr;
  if (file == nullptr || network == nullptr) {
    return Report(Invalid("expected a file and a place for the network, got NULL"), message,
                  message_size);
  }
  try {
    auto loaded = Load({static_cast<const std::uint8_t*>(file), size}, windows, instruction_set);
    if (!loaded) return Report(loaded.error(), message, message_size);
    *network = loaded->release();
    return TAKTGATE_INT8_OK;
  } catch (const std::bad_alloc&) {
    Write("no memory for the network", message, message_size);
    return TAKTGATE_INT8_NO_MEMORY;
  }
}

void taktgate_int8_free(taktgate_int8* network) { delete network; }

void taktgate_int8_describe(const taktgate_int8* network, taktgate_int8_info* info) {
  *info = network->info;
}

taktgate_int8_status taktgate_int8_describe_output(const taktgate_int8* network, int index,
                                                   taktgate_int8_output* output) {
  if (index < 0 || index >= network->info.extra_outputs) return TAKTGATE_INT8_INVALID;
  *output = network->outputs[static_cast<std::size_t>(index)];
  return TAKTGATE_INT8_OK;
}

taktgate_int8_status taktgate_int8_run(taktgate_int8* network, const taktgate_int8_plane* planes,
                                       int windows, float* logits, char* message,
                                       size_t message_size) {
  if (network == nullptr) {
    return Report(Invalid("expected a network, got NULL"), message, message_size);
  }
  if (network->running.test_and_set(std::memory_order_acquire)) {
    Write("another thread is in a run of this network", message, message_size);
    return TAKTGATE_INT8_BUSY;
  }
  const auto done = Run(*network, planes, windows, logits);
  network->running.clear(std::memory_order_release);
  return done ? TAKTGATE_INT8_OK : Report(done.error(), message, message_size);
}

const uint8_t* taktgate_int8_codes(const taktgate_int8* network, int window, int index) {
  const bool there = window >= 0 && window < network->windows_of_run && index >= 0 &&
                     index < network->info.extra_outputs;
  return there ? network->engine->extra_output(window, static_cast<std::size_t>(index)).data()
               : nullptr;
}

void taktgate_int8_stop(taktgate_int8* network) { network->engine->Stop(); }
void taktgate_int8_resume(taktgate_int8* network) { network->engine->Resume(); }
