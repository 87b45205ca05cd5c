#include "line/memory_output_kind.h"

#include <memory>

#include "line/memory_output.h"

namespace taktgate::line {
namespace {

Opener<Output> ReadMemoryOutput(DeviceTables&, LineFacts&) {
  return [](Surroundings&) -> Result<std::shared_ptr<Output>> {
    return {std::make_shared<MemoryOutput>()};
  };
}

}  // namespace

const DeviceKind<Output> kMemoryOutputKind{"memory", nullptr, ReadMemoryOutput};

}  // namespace taktgate::line
