#include "int8/network/network_rules.h"

#include <cmath>
#include <cstdlib>
#include <sstream>
#include <string>

namespace taktgate::int8 {
namespace {

constexpr double kMostSum = 2147483647.0;  // of 32 bits
constexpr double kMostProduct = 1 << 30;   // a sum times its multiplier; rounding has room above it
constexpr double kMostLogit = 0x1p127;     // of floats, which go on to nearly 2^128
constexpr int kLargestCode = 255;

std::string InWords(const Tensor& tensor) {
  return std::to_string(tensor.height) + " x " + std::to_string(tensor.width) + " x " +
         std::to_string(tensor.channels);
}

// Large ones without their digits: "2.15e+09".
std::string InWords(double number) {
  std::ostringstream text;
  text.precision(3);
  text << number;
  return text.str();
}

// Goes through the operations in their order and keeps what has been made.
class Checker {
 public:
  explicit Checker(const Network& network)
      : network_(network), made_(network.tensors.size(), Made::kNot) {}

  Status All() {
    for (std::size_t k = 0; k < network_.operations.size(); ++k) {
      if (Status sound = One(k); !sound) {
        return sound.error().Within("operation " + std::to_string(k));
      }
    }
    if (!scored_) return Invalid("expected an operation that gives the logits, got none");
    for (const ExtraOutput& output : network_.extra_outputs) {
      if (made_[static_cast<std::size_t>(output.tensor)] != Made::kCodes) {
        return Invalid("extra output " + std::to_string(output.tensor) +
                       ": expected a tensor of codes that an operation makes, got one " +
                       (made_[static_cast<std::size_t>(output.tensor)] == Made::kFloats
                            ? "of floats"
                            : "that none makes"));
      }
    }
    return {};
  }

 private:
  enum class Made : std::uint8_t { kNot, kCodes, kFloats };

  const Tensor& At(int tensor) const { return network_.tensors[static_cast<std::size_t>(tensor)]; }

  Status One(std::size_t index) {
    const Operation& operation = network_.operations[index];
    if ((operation.kind == Kind::kInput) != (index == 0)) {
      return Invalid(index == 0 ? "expected the input first, got kind " +
                                      std::to_string(static_cast<int>(operation.kind))
                                : "expected the input once, got a second one");
    }
    if (Status reads = Reads(operation); !reads) return reads;
    if (Status fits = Fits(operation); !fits) return fits;
    if (Status rounds = Rounds(operation); !rounds) return rounds;
    if (Status bounded = Bounded(operation); !bounded) return bounded;
    const bool scores = operation.kind == Kind::kLogits || operation.kind == Kind::kScores;
    if (scores && scored_) return Invalid("expected one operation that gives the logits, got two");
    scored_ = scored_ || scores;
    if (scores) labels_ = At(operation.result).channels;
    made_[static_cast<std::size_t>(operation.result)] = scores ? Made::kFloats : Made::kCodes;
    return {};
  }

  // That its tensors are there, and its result is not yet.
  Status Reads(const Operation& operation) const {
    const bool none = operation.kind == Kind::kInput;
    const bool two = operation.kind == Kind::kAdd || operation.kind == Kind::kGate;
    if (Status first = Read("first", operation.first, !none); !first) return first;
    if (Status second = Read("second", operation.second, two); !second) return second;
    if (operation.result < 0) return Invalid("expected a result, got none");
    if (made_[static_cast<std::size_t>(operation.result)] != Made::kNot) {
      return Invalid("expected a result that no operation before it makes, got tensor " +
                     std::to_string(operation.result) + ", which one has made");
    }
    return {};
  }

  Status Read(const std::string& which, int tensor, bool wanted) const {
    if (tensor < 0 && wanted) return Invalid("expected a " + which + " input, got none");
    if (tensor >= 0 && !wanted) {
      return Invalid("expected no " + which + " input, got tensor " + std::to_string(tensor));
    }
    if (wanted && made_[static_cast<std::size_t>(tensor)] != Made::kCodes) {
      return Invalid("expected an input that an operation before it makes as codes, got tensor " +
                     std::to_string(tensor));
    }
    return {};
  }

  // That the size of the result follows from the inputs.
  Status Fits(const Operation& operation) const {
    const Tensor& y = At(operation.result);
    if (operation.kind == Kind::kInput) return {};
    const Tensor& x = At(operation.first);
    const bool same_map = x.height == y.height && x.width == y.width;
    bool fits = false;
    switch (operation.kind) {
      case Kind::kInput:
        break;
      case Kind::kConv:
        return FitsKernel(operation, x, y);
      case Kind::kDepthwise:
        if (x.channels != y.channels) break;
        if (operation.kernel_height != operation.kernel_width ||
            operation.stride_y != operation.stride_x) {
          return Invalid("expected a square kernel and one stride of a depthwise operation, got " +
                         KernelInWords(operation));
        }
        return FitsKernel(operation, x, y);
      case Kind::kAdd: {
        const Tensor& b = At(operation.second);
        fits = same_map && x.channels == y.channels && b.height == y.height && b.width == y.width &&
               b.channels == y.channels;
        break;
      }
      case Kind::kMean:
        fits = y.is_vector() && x.channels == y.channels;
        break;
      case Kind::kGate: {
        const Tensor& gate = At(operation.second);
        fits =
            same_map && x.channels == y.channels && gate.is_vector() && gate.channels == y.channels;
        break;
      }
      case Kind::kTable:
        fits = same_map && x.channels == y.channels && !operation.table.empty();
        break;
      case Kind::kLogits:
        fits = x.is_vector() && y.is_vector();
        break;
      case Kind::kScores:
        fits = x.is_vector() && y.is_vector() && x.channels == y.channels;
        break;
      case Kind::kSelect:
        fits = same_map && y.channels == 1 && scored_ && x.channels == labels_;
        break;
    }
    return fits ? Status() : DoesNotFollow(operation);
  }

  static std::string KernelInWords(const Operation& operation) {
    return "a kernel of " + std::to_string(operation.kernel_height) + " x " +
           std::to_string(operation.kernel_width) + " and strides of " +
           std::to_string(operation.stride_y) + " and " + std::to_string(operation.stride_x);
  }

  Error DoesNotFollow(const Operation& operation) const {
    std::string came = InWords(At(operation.first));
    if (operation.second >= 0) came += " and " + InWords(At(operation.second));
    came += " to " + InWords(At(operation.result));
    if (operation.kind == Kind::kSelect) came += " of " + std::to_string(labels_) + " logits";
    return Invalid("expected a result whose size follows from the inputs, got " + came);
  }

  // With the zero point of its result, if no table comes after it.
  Status Rounds(const Operation& operation) const {
    switch (operation.kind) {
      case Kind::kConv:
      case Kind::kDepthwise:
      case Kind::kAdd:
      case Kind::kMean:
      case Kind::kGate:
        if (!operation.table.empty() || operation.zero_point == At(operation.result).zero_point) {
          return {};
        }
        return Invalid("expected the zero point of its result, " +
                       std::to_string(At(operation.result).zero_point) +
                       ", as it has no table, got " + std::to_string(operation.zero_point));
      case Kind::kInput:
      case Kind::kTable:
      case Kind::kLogits:
      case Kind::kScores:
      case Kind::kSelect:
        break;
    }
    return operation.zero_point == 0
               ? Status()
               : Invalid("expected no zero point, got " + std::to_string(operation.zero_point));
  }

  // The pads at the bottom and on the right are what is missing.
  static Status FitsKernel(const Operation& operation, const Tensor& x, const Tensor& y) {
    const auto side = [](int kernel, int stride, int pad, int from, int to) {
      const int end = (to - 1) * stride + kernel - pad - from;  // the pad at the end
      return pad < kernel && end < kernel && end > -stride;
    };
    const bool fits =
        side(operation.kernel_height, operation.stride_y, operation.pad_top, x.height, y.height) &&
        side(operation.kernel_width, operation.stride_x, operation.pad_left, x.width, y.width);
    return fits ? Status()
                : Invalid("expected a result of the size that kernel, strides and pads give, got " +
                          InWords(x) + " to " + InWords(y) + " by " + KernelInWords(operation));
  }

  Status Bounded(const Operation& operation) const {
    for (const float multiplier : operation.multipliers) {
      if (!std::isfinite(multiplier)) {
        return Invalid("expected finite multipliers, got " + std::to_string(multiplier));
      }
    }
    switch (operation.kind) {
      case Kind::kConv:
      case Kind::kDepthwise:
      case Kind::kLogits:
        return BoundedSums(operation);
      case Kind::kAdd:
        return Product(kLargestCode,
                       std::fabs(operation.multipliers[0]) + std::fabs(operation.multipliers[1]));
      case Kind::kMean:
        return Product(
            static_cast<double>(kLargestCode) * static_cast<double>(At(operation.first).places()),
            std::fabs(operation.multipliers[0]));
      case Kind::kGate:
        return Product(kLargestCode * kLargestCode, std::fabs(operation.multipliers[0]));
      case Kind::kScores:
        return Product(kLargestCode, std::fabs(operation.multipliers[0]), Made::kFloats);
      case Kind::kInput:
      case Kind::kTable:
      case Kind::kSelect:
        return {};
    }
    return {};
  }

  // Of each channel the largest sum that codes can make.
  Status BoundedSums(const Operation& operation) const {
    const std::size_t channels = operation.biases.size();
    const std::size_t of_one = operation.weights.size() / channels;
    const int most = network_.weight_bits == 7 ? 64 : 127;
    for (std::size_t c = 0; c < channels; ++c) {
      std::int64_t sizes = 0;
      for (const std::int8_t weight : operation.weights.subspan(c * of_one, of_one)) {
        if (std::abs(int{weight}) > most) {
          return Invalid("channel " + std::to_string(c) + ": expected weights of " +
                         std::to_string(network_.weight_bits) + " bits, from -" +
                         std::to_string(most) + " to " + std::to_string(most) + ", got " +
                         std::to_string(int{weight}));
        }
        sizes += std::abs(int{weight});
      }
      const double sum = std::fabs(static_cast<double>(operation.biases[c])) +
                         static_cast<double>(kLargestCode * sizes);
      const Made made = operation.kind == Kind::kLogits ? Made::kFloats : Made::kCodes;
      if (Status product = Product(sum, std::fabs(operation.multipliers[c]), made); !product) {
        return product.error().Within("channel " + std::to_string(c));
      }
    }
    return {};
  }

  static Status Product(double sum, double multiplier, Made made = Made::kCodes) {
    if (sum > kMostSum) {
      return Invalid("expected sums that fit into 32 bits, got up to " + InWords(sum));
    }
    const bool floats = made == Made::kFloats;
    if (sum * multiplier < (floats ? kMostLogit : kMostProduct)) return {};
    return Invalid(std::string("expected a multiplier that keeps ") +
                   (floats ? "logits below 2^127" : "results below 2^30") + ", got " +
                   InWords(multiplier) + " for sums up to " + InWords(sum));
  }

  const Network& network_;
  std::vector<Made> made_;
  bool scored_ = false;
  int labels_ = 0;
};

}  // namespace

Status CheckNetwork(const Network& network) { return Checker(network).All(); }

Parts PartsOf(const Network& network, const Operation& operation, bool has_table) {
  const auto channels_of = [&](int tensor) {
    return tensor < 0 ? std::size_t{0}
                      : static_cast<std::size_t>(
                            network.tensors[static_cast<std::size_t>(tensor)].channels);
  };
  const std::size_t channels = channels_of(operation.result);
  const std::size_t kernel = static_cast<std::size_t>(operation.kernel_height) *
                             static_cast<std::size_t>(operation.kernel_width);
  Parts parts;
  if (has_table) parts.table = operation.kind == Kind::kInput ? channels * kCodes : kCodes;
  switch (operation.kind) {
    case Kind::kConv:
    case Kind::kLogits:
      parts.weights = channels * kernel * channels_of(operation.first);
      parts.biases = parts.multipliers = channels;
      break;
    case Kind::kDepthwise:
      parts.weights = channels * kernel;
      parts.biases = parts.multipliers = channels;
      break;
    case Kind::kAdd:
      parts.multipliers = 2;
      break;
    case Kind::kMean:
    case Kind::kGate:
    case Kind::kScores:
      parts.multipliers = 1;
      break;
    case Kind::kInput:
    case Kind::kTable:
    case Kind::kSelect:
      break;
  }
  return parts;
}

}  // namespace taktgate::int8
