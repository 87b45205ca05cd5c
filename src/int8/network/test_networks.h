#ifndef TAKTGATE_INT8_TEST_NETWORKS_H_
#define TAKTGATE_INT8_TEST_NETWORKS_H_

#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "base/random.h"
#include "int8/network/crc32.h"
#include "int8/network/network.h"
#include "int8/network/network_layout.h"

// Networks of random numbers, and their files. For tests, benchmarks and fuzz targets.
namespace taktgate::int8::testing {

struct KernelShape {
  int kernel = 1;
  int stride = 1;
};

// Puts a file together operation by operation; tensors are named by what the calls return.
class NetworkMaker {
 public:
  explicit NetworkMaker(std::uint64_t seed, int weight_bits = 8, bool like_trained = false)
      : random_(seed), weight_bits_(weight_bits), trained_(like_trained) {}

  int Tensor(int height, int width, int channels, int zero_point, float scale = 0.05F) {
    tensors_.push_back({static_cast<std::uint16_t>(height), static_cast<std::uint16_t>(width),
                        static_cast<std::uint16_t>(channels), static_cast<std::uint8_t>(zero_point),
                        0, scale, 0});
    return static_cast<int>(tensors_.size()) - 1;
  }
  int Input(int height, int width, int channels) {
    const int result = Tensor(height, width, channels, Code());
    OperationEntry& entry = Put(Kind::kInput, -1, -1, result);
    entry.table = static_cast<std::uint16_t>(tables_.size() / kCodes);
    for (int c = 0; c < channels; ++c) AddTable();
    return result;
  }
  // The multiplier spreads the sums of random codes over the codes of the result.
  int Conv(int first, int channels, KernelShape shape = {}, bool table = false) {
    return Convolution(Kind::kConv, first, channels, shape, table);
  }
  int Depthwise(int first, KernelShape shape, bool table = false) {
    return Convolution(Kind::kDepthwise, first, At(first).channels, shape, table);
  }
  int Add(int first, int second, bool table = false) {
    const int result = Like(first);
    OperationEntry& entry = Put(Kind::kAdd, first, second, result);
    entry.multipliers = Multipliers({0.3F + 0.7F * Share(), 0.3F + 0.7F * Share()});
    if (table) entry.table = AddTable();
    return result;
  }
  int Mean(int first, bool table = false) {
    const int result = Tensor(1, 1, At(first).channels, Code());
    const auto places = static_cast<float>(At(first).height * At(first).width);
    OperationEntry& entry = Put(Kind::kMean, first, -1, result);
    entry.multipliers = Multipliers({(0.5F + Share()) / places});
    if (table) entry.table = AddTable();
    return result;
  }
  int Gate(int first, int gate, bool table = false) {
    const int result = Like(first);
    OperationEntry& entry = Put(Kind::kGate, first, gate, result);
    entry.multipliers = Multipliers({0.004F + 0.004F * Share()});
    if (table) entry.table = AddTable();
    return result;
  }
  int Table(int first) {
    const int result = Like(first);
    Put(Kind::kTable, first, -1, result).table = AddTable();
    return result;
  }
  int Logits(int first, int labels) {
    const int result = Tensor(1, 1, labels, 0);
    OperationEntry& entry = Put(Kind::kLogits, first, -1, result);
    Weigh(entry, labels, At(first).channels, 0.01F);
    return result;
  }
  int Scores(int first) {
    const int result = Tensor(1, 1, At(first).channels, 0);
    Put(Kind::kScores, first, -1, result).multipliers = Multipliers({0.1F});
    return result;
  }
  int Select(int first) {
    const int result = Tensor(At(first).height, At(first).width, 1, At(first).zero_point);
    Put(Kind::kSelect, first, -1, result);
    return result;
  }
  void ExtraOutput(int tensor, OutputRole role) {
    extra_outputs_.push_back(
        {static_cast<std::uint16_t>(tensor), static_cast<std::uint8_t>(role), 0});
  }

  // For tests that want another file than a right one.
  TensorEntry& At(int tensor) { return tensors_[static_cast<std::size_t>(tensor)]; }
  OperationEntry& Last() { return operations_.back(); }
  std::vector<std::int32_t>& biases() { return biases_; }
  std::vector<std::int8_t>& weights() { return weights_; }
  std::vector<float>& multipliers() { return multipliers_; }
  std::vector<std::uint8_t>& tables() { return tables_; }

  std::vector<std::uint8_t> File() const {
    Header header{};
    std::memcpy(header.magic, kMagic, sizeof kMagic);
    header.version = kVersion;
    header.weight_bits = static_cast<std::uint32_t>(weight_bits_);
    const auto count = [](const auto& all) { return static_cast<std::uint32_t>(all.size()); };
    header.tensors = count(tensors_);
    header.operations = count(operations_);
    header.tables = count(tables_) / static_cast<std::uint32_t>(kCodes);
    header.weights = count(weights_);
    header.biases = count(biases_);
    header.multipliers = count(multipliers_);
    header.extra_outputs = count(extra_outputs_);
    const Sections sections(header);
    header.bytes = static_cast<std::uint32_t>(sections.end);
    std::vector<std::uint8_t> file(sections.end);
    const auto put = [&file](const Section& section, const auto& all) {
      if (!all.empty()) std::memcpy(file.data() + section.begin, all.data(), section.bytes);
    };
    std::memcpy(file.data(), &header, sizeof header);
    put(sections.tensors, tensors_);
    put(sections.operations, WithZeroPoints());
    put(sections.tables, tables_);
    put(sections.weights, weights_);
    put(sections.biases, biases_);
    put(sections.multipliers, multipliers_);
    put(sections.extra_outputs, extra_outputs_);
    Sign(file);
    return file;
  }
  // Makes the checksum fit again after a change.
  static void Sign(std::vector<std::uint8_t>& file) {
    const std::uint32_t crc = Crc32(std::span(file).subspan(kCrcEnd));
    std::memcpy(file.data() + kCrcEnd - sizeof crc, &crc, sizeof crc);
  }

 private:
  // What rounds does so with the zero point of its result, but with another one before a table.
  std::vector<OperationEntry> WithZeroPoints() const {
    std::vector<OperationEntry> entries = operations_;
    for (OperationEntry& entry : entries) {
      const auto kind = static_cast<Kind>(entry.kind);
      const bool rounds = kind == Kind::kConv || kind == Kind::kDepthwise || kind == Kind::kAdd ||
                          kind == Kind::kMean || kind == Kind::kGate;
      if (!rounds || entry.result >= tensors_.size()) continue;
      const std::uint8_t of_result = tensors_[entry.result].zero_point;
      entry.zero_point = entry.table == kNone ? of_result : static_cast<std::uint8_t>(~of_result);
    }
    return entries;
  }
  // All sizes alike, or most of them small, as trained weights are.
  int Weight(int most) {
    if (!trained_) return random_.Whole(-most, most);
    int sum = 0;
    for (int k = 0; k < 4; ++k) sum += random_.Whole(-most / 4, most / 4);
    return sum;
  }
  int Code() { return random_.Whole(0, 255); }
  float Share() { return static_cast<float>(random_.Whole(0, 10'000)) / 10'000.0F; }
  int Like(int tensor) {
    return Tensor(At(tensor).height, At(tensor).width, At(tensor).channels, Code());
  }
  OperationEntry& Put(Kind kind, int first, int second, int result) {
    const auto number = [](int tensor) {
      return tensor < 0 ? kNone : static_cast<std::uint16_t>(tensor);
    };
    OperationEntry entry{};
    entry.kind = static_cast<std::uint8_t>(kind);
    entry.first = number(first);
    entry.second = number(second);
    entry.result = number(result);
    entry.table = kNone;
    operations_.push_back(entry);
    return operations_.back();
  }
  std::uint16_t AddTable() {
    for (std::size_t k = 0; k < kCodes; ++k) tables_.push_back(static_cast<std::uint8_t>(Code()));
    return static_cast<std::uint16_t>(tables_.size() / kCodes - 1);
  }
  std::uint32_t Multipliers(const std::vector<float>& some) {
    multipliers_.insert(multipliers_.end(), some.begin(), some.end());
    return static_cast<std::uint32_t>(multipliers_.size() - some.size());
  }
  int Convolution(Kind kind, int first, int channels, KernelShape shape, bool table) {
    const int pad = (shape.kernel - 1) / 2;
    const auto side = [&](int from) { return (from + shape.stride - 1) / shape.stride; };
    const int result = Tensor(side(At(first).height), side(At(first).width), channels, Code());
    OperationEntry& entry = Put(kind, first, -1, result);
    entry.kernel_height = entry.kernel_width = static_cast<std::uint8_t>(shape.kernel);
    entry.stride_y = entry.stride_x = static_cast<std::uint8_t>(shape.stride);
    entry.pad_top = entry.pad_left = static_cast<std::uint8_t>(pad);
    const int depth = kind == Kind::kDepthwise ? 1 : At(first).channels;
    const int of_one = depth * shape.kernel * shape.kernel;
    Weigh(entry, channels, of_one, 0.03F / std::sqrt(static_cast<float>(of_one)));
    if (table) entry.table = AddTable();
    return result;
  }
  void Weigh(OperationEntry& entry, int channels, int of_one, float multiplier) {
    const int most = weight_bits_ == 7 ? 64 : 127;
    entry.weights = static_cast<std::uint32_t>(weights_.size());
    entry.biases = static_cast<std::uint32_t>(biases_.size());
    std::vector<float> multipliers;
    for (int c = 0; c < channels; ++c) {
      for (int k = 0; k < of_one; ++k) {
        weights_.push_back(static_cast<std::int8_t>(Weight(most)));
      }
      biases_.push_back(random_.Whole(-10'000, 10'000));
      multipliers.push_back(multiplier * (0.5F + Share()));
    }
    entry.multipliers = Multipliers(multipliers);
  }

  Random random_;
  int weight_bits_;
  bool trained_;
  std::vector<TensorEntry> tensors_;
  std::vector<OperationEntry> operations_;
  std::vector<std::uint8_t> tables_;
  std::vector<std::int8_t> weights_;
  std::vector<std::int32_t> biases_;
  std::vector<float> multipliers_;
  std::vector<ExtraOutputEntry> extra_outputs_;
};

}  // namespace taktgate::int8::testing

#endif  // TAKTGATE_INT8_TEST_NETWORKS_H_
