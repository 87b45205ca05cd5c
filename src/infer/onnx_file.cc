#include "infer/onnx_file.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace taktgate::infer {
namespace {

using Bytes = std::span<const std::uint8_t>;

// The messages of onnx.proto that can hold a tensor or a node.
enum class Message {
  kModel,
  kGraph,
  kNode,
  kAttribute,
  kTensor,
  kSparseTensor,
  kFunction,
  kTraining
};

struct Child {
  Message parent;
  std::uint64_t field;
  Message message;
};
constexpr std::array kChildren = {
    Child{Message::kModel, 7, Message::kGraph},
    Child{Message::kModel, 20, Message::kTraining},
    Child{Message::kModel, 25, Message::kFunction},
    Child{Message::kGraph, 1, Message::kNode},
    Child{Message::kGraph, 5, Message::kTensor},
    Child{Message::kGraph, 15, Message::kSparseTensor},
    Child{Message::kNode, 5, Message::kAttribute},
    Child{Message::kAttribute, 5, Message::kTensor},
    Child{Message::kAttribute, 6, Message::kGraph},
    Child{Message::kAttribute, 10, Message::kTensor},
    Child{Message::kAttribute, 11, Message::kGraph},
    Child{Message::kAttribute, 22, Message::kSparseTensor},
    Child{Message::kAttribute, 23, Message::kSparseTensor},
    Child{Message::kSparseTensor, 1, Message::kTensor},
    Child{Message::kSparseTensor, 2, Message::kTensor},
    Child{Message::kFunction, 7, Message::kNode},
    Child{Message::kFunction, 11, Message::kAttribute},
    Child{Message::kTraining, 1, Message::kGraph},
    Child{Message::kTraining, 2, Message::kGraph},
};
constexpr std::uint64_t kTensorName = 8, kTensorExternalData = 13, kTensorDataLocation = 14;
constexpr std::uint64_t kNodeName = 3, kNodeOperator = 4, kNodeDomain = 7;
constexpr std::uint64_t kModelGraph = 7;
constexpr int kMaxDepth = 32;

// Its own operators and those that its quantiser writes; the runtime brings no others.
constexpr std::array<std::string_view, 3> kDomains = {"", "ai.onnx", "com.microsoft"};

// One field of a protobuf message: a number, or bytes.
struct Field {
  std::uint64_t number = 0;
  std::uint64_t value = 0;
  Bytes bytes;
};

class Reader {
 public:
  explicit Reader(Bytes bytes) : rest_(bytes) {}
  bool at_end() const { return rest_.empty(); }

  // nullopt: no protobuf.
  std::optional<Field> Next() {
    const std::optional<std::uint64_t> key = Varint();
    if (!key || *key >> 3 == 0) return std::nullopt;
    Field field;
    field.number = *key >> 3;
    switch (*key & 7) {
      case 0: {
        const std::optional<std::uint64_t> value = Varint();
        if (!value) return std::nullopt;
        field.value = *value;
        return field;
      }
      case 1:
        return Read(8, field);
      case 2: {
        const std::optional<std::uint64_t> size = Varint();
        return size ? Read(*size, field) : std::nullopt;
      }
      case 5:
        return Read(4, field);
      default:
        return std::nullopt;  // groups; onnx.proto has none
    }
  }

 private:
  std::optional<std::uint64_t> Varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const std::uint8_t byte = rest_.front();
      rest_ = rest_.subspan(1);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    return std::nullopt;
  }

  std::optional<Field> Read(std::uint64_t size, Field& field) {
    if (size > rest_.size()) return std::nullopt;
    field.bytes = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(static_cast<std::size_t>(size));
    return field;
  }

  Bytes rest_;
};

// Text of the file in a message: short and printable.
std::string Shown(Bytes text) {
  std::string shown = "\"";
  for (const std::uint8_t byte : text.first(std::min<std::size_t>(text.size(), 60))) {
    shown += byte >= ' ' && byte <= '~' ? static_cast<char>(byte) : '?';
  }
  return shown + "\"";
}

Error NoModel() {
  return {ErrorCode::kInvalid,
          "expected an ONNX model, got other or cut bytes; export the model again and pack it"};
}

// What a message says about itself, collected while its fields are read.
struct Seen {
  Bytes name, op, domain;
  bool external = false;
  bool graph = false;
};

void Note(Message message, const Field& field, Seen& seen) {
  if (message == Message::kTensor) {
    if (field.number == kTensorName) seen.name = field.bytes;
    seen.external |= field.number == kTensorExternalData;
    seen.external |= field.number == kTensorDataLocation && field.value != 0;
  } else if (message == Message::kNode) {
    if (field.number == kNodeName) seen.name = field.bytes;
    if (field.number == kNodeOperator) seen.op = field.bytes;
    if (field.number == kNodeDomain) seen.domain = field.bytes;
  } else if (message == Message::kModel) {
    seen.graph |= field.number == kModelGraph;
  }
}

Status Conclude(Message message, const Seen& seen) {
  if (seen.external) {
    return Error{ErrorCode::kInvalid, "expected all weights inside the ONNX file, got the tensor " +
                                          Shown(seen.name) +
                                          " with external data; save the model as one file"};
  }
  const std::string_view domain(reinterpret_cast<const char*>(seen.domain.data()),
                                seen.domain.size());
  if (std::find(kDomains.begin(), kDomains.end(), domain) == kDomains.end()) {
    return Error{ErrorCode::kUnsupported,
                 "expected operators of ONNX itself, got the custom operator " + Shown(seen.op) +
                     " of the domain " + Shown(seen.domain) + " in node " + Shown(seen.name) +
                     "; export the model without it"};
  }
  if (message == Message::kModel && !seen.graph) return NoModel();
  return {};
}

Status Walk(Message message, Bytes bytes, int depth) {
  if (depth > kMaxDepth) {
    return Error{ErrorCode::kInvalid, "expected graphs nested at most " +
                                          std::to_string(kMaxDepth / 3) +
                                          " deep, got deeper ones; export the model again"};
  }
  Seen seen;
  Reader reader(bytes);
  while (!reader.at_end()) {
    const std::optional<Field> field = reader.Next();
    if (!field) return NoModel();
    Note(message, *field, seen);
    for (const Child& child : kChildren) {
      if (child.parent != message || child.field != field->number) continue;
      if (Status below = Walk(child.message, field->bytes, depth + 1); !below) return below;
    }
  }
  return Conclude(message, seen);
}

}  // namespace

Status CheckOnnxFile(Bytes bytes) { return Walk(Message::kModel, bytes, 0); }

}  // namespace taktgate::infer
