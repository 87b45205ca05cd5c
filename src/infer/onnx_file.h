#ifndef TAKTGATE_INFER_ONNX_FILE_H_
#define TAKTGATE_INFER_ONNX_FILE_H_

#include <cstdint>
#include <span>

#include "base/result.h"

namespace taktgate::infer {

// Searches an ONNX file, before the runtime sees it, for what must not reach the runtime:
// weights kept in other files (it would read them from the working folder, unverified) and
// operators of foreign domains. Reads nothing but the protobuf skeleton; any bytes are safe.
// invalid: no ONNX model, or external data. unsupported: custom operators.
Status CheckOnnxFile(std::span<const std::uint8_t> bytes);

}  // namespace taktgate::infer

#endif  // TAKTGATE_INFER_ONNX_FILE_H_
