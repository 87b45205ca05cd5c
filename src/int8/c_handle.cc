#include "int8/c_handle.h"

#include <utility>

namespace taktgate::int8 {
namespace {

taktgate_int8_output Described(const Network& network, const ExtraOutput& output) {
  const Tensor& tensor = network.tensors[static_cast<std::size_t>(output.tensor)];
  return {static_cast<int>(output.role),
          tensor.height,
          tensor.width,
          tensor.channels,
          tensor.scale,
          tensor.zero_point};
}

}  // namespace

std::unique_ptr<taktgate_int8> HandleOf(std::unique_ptr<Engine> engine, const Network& network) {
  auto handle = std::make_unique<taktgate_int8>();
  for (const ExtraOutput& output : network.extra_outputs) {
    handle->outputs.push_back(Described(network, output));
  }
  const Tensor& input = engine->input();
  handle->planes.resize(static_cast<std::size_t>(input.channels));
  handle->info = {input.height,
                  input.width,
                  input.channels,
                  static_cast<int>(engine->logits(0).size()),
                  engine->most_windows(),
                  static_cast<int>(handle->outputs.size()),
                  NameOf(engine->isa()).data()};
  handle->left_out = NamesOf(engine->left_out());
  handle->engine = std::move(engine);
  return handle;
}

}  // namespace taktgate::int8
