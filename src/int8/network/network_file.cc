#include "int8/network/network_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "int8/network/crc32.h"
#include "int8/network/network_layout.h"
#include "int8/network/network_rules.h"

namespace taktgate::int8 {
namespace {

bool AllZero(const auto& numbers) {
  return std::ranges::all_of(numbers, [](auto number) { return number == 0; });
}

Status CheckHeader(const Header& header, std::span<const std::uint8_t> file) {
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0) {
    return Invalid(
        "expected a compiled network, got another file; make one with `taktgate-prep compile`");
  }
  if (header.version != kVersion) {
    return Error{ErrorCode::kUnsupported,
                 "expected a compiled network of version " + std::to_string(kVersion) +
                     ", got version " + std::to_string(header.version) +
                     "; compile it with the taktgate-prep of this version"};
  }
  if (header.bytes != file.size()) {
    return Error{ErrorCode::kCorrupt, "expected " + std::to_string(header.bytes) + " bytes, got " +
                                          std::to_string(file.size()) +
                                          "; the file was cut or added to, copy it again"};
  }
  if (header.crc != Crc32(file.subspan(kCrcEnd))) {
    return Error{ErrorCode::kCorrupt,
                 "the checksum does not fit; the file was damaged, copy it again"};
  }
  if (header.weight_bits != 7 && header.weight_bits != 8) {
    return Invalid("expected weights of 7 or 8 bits, got " + std::to_string(header.weight_bits));
  }
  for (const std::uint32_t count : {header.tensors, header.operations, header.extra_outputs}) {
    if (count > kMostThings) {
      return Invalid("expected at most " + std::to_string(kMostThings) +
                     " tensors, operations and extra outputs, got " + std::to_string(count));
    }
  }
  if (header.operations == 0) return Invalid("expected at least one operation, got none");
  if (!AllZero(header.reserved)) return Invalid("expected zeros behind the header");
  const Sections sections(header);
  if (sections.end != file.size()) {
    return Invalid("expected a file whose size follows from its counts");
  }
  for (const Section& section : sections.all()) {
    if (!AllZero(file.subspan(section.end(), section.padded_end() - section.end()))) {
      return Invalid("expected zeros between its sections");
    }
  }
  return {};
}

template <typename Entry>
Entry EntryAt(std::span<const std::uint8_t> file, std::uint64_t section, std::size_t index) {
  Entry entry;
  std::memcpy(&entry, file.data() + section + index * sizeof(Entry), sizeof(Entry));
  return entry;
}

template <typename Number>
std::vector<Number> Numbers(std::span<const std::uint8_t> file, std::uint64_t section,
                            std::size_t count) {
  std::vector<Number> numbers(count);
  if (count > 0) std::memcpy(numbers.data(), file.data() + section, count * sizeof(Number));
  return numbers;
}

Result<Tensor> TensorOf(const TensorEntry& entry) {
  const auto within = [](int number, int most) { return number >= 1 && number <= most; };
  if (!within(entry.height, kMostSide) || !within(entry.width, kMostSide) ||
      !within(entry.channels, kMostChannels)) {
    return Invalid("expected sides of 1 to 1024 and 1 to 4096 channels");
  }
  if (std::int64_t{entry.height} * entry.width * entry.channels > kMostCodes) {
    return Invalid("expected at most " + std::to_string(kMostCodes) + " codes");
  }
  if (!std::isfinite(entry.scale) || entry.scale <= 0) return Invalid("expected a scale above 0");
  if (entry.reserved != 0 || entry.reserved2 != 0) return Invalid("expected zeros at its end");
  return Tensor{entry.height, entry.width, entry.channels, entry.zero_point, entry.scale};
}

bool KernelIsSound(const OperationEntry& entry) {
  const auto kernel = [](int side) { return side == 1 || side == 3 || side == 5 || side == 7; };
  const auto stride = [](int step) { return step == 1 || step == 2; };
  return kernel(entry.kernel_height) && kernel(entry.kernel_width) && stride(entry.stride_y) &&
         stride(entry.stride_x) && entry.pad_top < entry.kernel_height &&
         entry.pad_left < entry.kernel_width;
}

// Takes the sections apart.
class Reader {
 public:
  Reader(std::span<const std::uint8_t> file, const Header& header)
      : file_(file), header_(header), sections_(header) {}

  Result<Network> Read() {
    network_.weight_bits = static_cast<int>(header_.weight_bits);
    network_.tables = Numbers<std::uint8_t>(file_, sections_.tables.begin, header_.tables * kCodes);
    network_.weights = Numbers<std::int8_t>(file_, sections_.weights.begin, header_.weights);
    network_.biases = Numbers<std::int32_t>(file_, sections_.biases.begin, header_.biases);
    network_.multipliers = Numbers<float>(file_, sections_.multipliers.begin, header_.multipliers);
    if (Status tensors = ReadTensors(); !tensors) return tensors.error();
    if (Status operations = ReadOperations(); !operations) return operations.error();
    if (Status outputs = ReadExtraOutputs(); !outputs) return outputs.error();
    if (Status sound = CheckNetwork(network_); !sound) return sound.error();
    return std::move(network_);
  }

 private:
  Status ReadTensors() {
    for (std::size_t k = 0; k < header_.tensors; ++k) {
      const auto tensor = TensorOf(EntryAt<TensorEntry>(file_, sections_.tensors.begin, k));
      if (!tensor) return tensor.error().Within("tensor " + std::to_string(k));
      network_.tensors.push_back(*tensor);
    }
    return {};
  }

  Status ReadOperations() {
    for (std::size_t k = 0; k < header_.operations; ++k) {
      const auto entry = EntryAt<OperationEntry>(file_, sections_.operations.begin, k);
      if (Status read = ReadOperation(entry); !read) {
        return read.error().Within("operation " + std::to_string(k));
      }
    }
    return {};
  }

  Status ReadOperation(const OperationEntry& entry) {
    if (entry.kind > static_cast<std::uint8_t>(Kind::kSelect)) {
      return Invalid("expected a kind from 0 to 9, got " + std::to_string(entry.kind));
    }
    if (!AllZero(entry.reserved)) return Invalid("expected zeros at its end");
    Operation operation;
    operation.kind = static_cast<Kind>(entry.kind);
    operation.zero_point = entry.zero_point;
    for (const auto& [number, tensor] : {std::pair{entry.first, &operation.first},
                                         {entry.second, &operation.second},
                                         {entry.result, &operation.result}}) {
      if (number == kNone) continue;
      if (number >= header_.tensors) {
        return Invalid("expected a tensor below " + std::to_string(header_.tensors) + ", got " +
                       std::to_string(number));
      }
      *tensor = number;
    }
    if (Status kernel = ReadKernel(entry, operation); !kernel) return kernel;
    if (Status parts = ReadParts(entry, operation); !parts) return parts;
    network_.operations.push_back(operation);
    return {};
  }

  static Status ReadKernel(const OperationEntry& entry, Operation& operation) {
    const bool has_kernel = operation.kind == Kind::kConv || operation.kind == Kind::kDepthwise;
    const std::uint8_t fields[] = {entry.kernel_height, entry.kernel_width, entry.stride_y,
                                   entry.stride_x,      entry.pad_top,      entry.pad_left};
    if (!has_kernel) {
      // The kernel of a fully connected layer is the whole of its input, one place.
      operation.kernel_height = operation.kernel_width = 1;
      return AllZero(fields) ? Status() : Invalid("expected no kernel");
    }
    if (!KernelIsSound(entry)) {
      return Invalid(
          "expected a kernel of 1, 3, 5 or 7, a stride of 1 or 2, pads below the kernel");
    }
    operation.kernel_height = entry.kernel_height;
    operation.kernel_width = entry.kernel_width;
    operation.stride_y = entry.stride_y;
    operation.stride_x = entry.stride_x;
    operation.pad_top = entry.pad_top;
    operation.pad_left = entry.pad_left;
    return {};
  }

  Status ReadParts(const OperationEntry& entry, Operation& operation) {
    const bool needs_table = operation.kind == Kind::kInput || operation.kind == Kind::kTable;
    const bool may = operation.kind != Kind::kLogits && operation.kind != Kind::kScores &&
                     operation.kind != Kind::kSelect;
    const bool has_table = entry.table != kNone;
    if ((has_table && !may) || (!has_table && needs_table)) {
      return Invalid(may ? "expected a table, got none" : "expected no table");
    }
    const Parts parts = PartsOf(network_, operation, has_table);
    const bool whole =
        Take(network_.tables, has_table ? entry.table * kCodes : 0, parts.table, operation.table) &&
        Take(network_.weights, entry.weights, parts.weights, operation.weights) &&
        Take(network_.biases, entry.biases, parts.biases, operation.biases) &&
        Take(network_.multipliers, entry.multipliers, parts.multipliers, operation.multipliers);
    return whole ? Status()
                 : Invalid("expected tables, weights, biases and multipliers in the file");
  }

  // False: they are not all there.
  template <typename Number>
  static bool Take(const std::vector<Number>& all, std::size_t begin, std::size_t count,
                   std::span<const Number>& to) {
    if (count == 0) return begin == 0;
    if (begin > all.size() || count > all.size() - begin) return false;
    to = std::span(all).subspan(begin, count);
    return true;
  }

  Status ReadExtraOutputs() {
    for (std::size_t k = 0; k < header_.extra_outputs; ++k) {
      const auto entry = EntryAt<ExtraOutputEntry>(file_, sections_.extra_outputs.begin, k);
      if (entry.tensor >= header_.tensors || entry.reserved != 0 ||
          entry.role > static_cast<std::uint8_t>(OutputRole::kClassMap)) {
        return Invalid("extra output " + std::to_string(k) +
                       ": expected a tensor of the file and a role from 0 to 2");
      }
      network_.extra_outputs.push_back({entry.tensor, static_cast<OutputRole>(entry.role)});
    }
    return {};
  }

  std::span<const std::uint8_t> file_;
  const Header header_;
  const Sections sections_;
  Network network_;
};

}  // namespace

Result<Network> ReadNetwork(std::span<const std::uint8_t> file) {
  Header header;
  if (file.size() < sizeof header || file.size() > kMostFileBytes) {
    return Error{ErrorCode::kCorrupt, "expected 64 bytes to 64 MiB, got " +
                                          std::to_string(file.size()) + " bytes; copy it again"};
  }
  std::memcpy(&header, file.data(), sizeof header);
  if (Status sound = CheckHeader(header, file); !sound) return sound.error();
  return Reader(file, header).Read();
}

}  // namespace taktgate::int8
