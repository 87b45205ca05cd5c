#ifndef TAKTGATE_LINE_MEMORY_OUTPUT_KIND_H_
#define TAKTGATE_LINE_MEMORY_OUTPUT_KIND_H_

#include "line/device_kind.h"

namespace taktgate::line {

// Of a line without wires: where no other output is named.
extern const DeviceKind<Output> kMemoryOutputKind;

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_MEMORY_OUTPUT_KIND_H_
