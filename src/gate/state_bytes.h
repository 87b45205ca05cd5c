#ifndef TAKTGATE_GATE_STATE_BYTES_H_
#define TAKTGATE_GATE_STATE_BYTES_H_

#include <array>
#include <bit>
#include <bitset>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "base/clock.h"
#include "gate/fields.h"

// The gate's state and events as bytes: little endian, fixed widths, no padding, floating point by
// its bits. Two visitors go over the same lists of fields (fields.h, VisitState of the classes), so
// what is written is what is read.
namespace taktgate::gate {

// Writes into memory that exists already; what does not fit is not written, and overflowed() says
// so. No allocation: it runs on the gate thread.
class StateWriter {
 public:
  explicit StateWriter(std::span<std::uint8_t> into) : into_(into) {}

  // One list of fields serves reader and writer, so it is not const; this side changes nothing.
  template <typename... Values>
  void operator()(const Values&... values) {
    (Put(const_cast<Values&>(values)), ...);
  }
  void Check(bool) {}

  std::size_t size() const { return size_; }
  bool overflowed() const { return overflowed_; }

 private:
  template <std::unsigned_integral T>
  void PutBits(T bits) {
    if (into_.size() - size_ < sizeof bits) {
      overflowed_ = true;
      return;
    }
    static_assert(std::endian::native == std::endian::little);
    std::memcpy(into_.data() + size_, &bits, sizeof bits);
    size_ += sizeof bits;
  }
  template <typename T>
  void Put(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      PutBits(static_cast<std::uint8_t>(value ? 1 : 0));
    } else if constexpr (std::is_integral_v<T>) {
      PutBits(static_cast<std::make_unsigned_t<T>>(value));
    } else if constexpr (std::is_enum_v<T>) {
      PutBits(static_cast<std::make_unsigned_t<std::underlying_type_t<T>>>(value));
    } else if constexpr (std::is_same_v<T, float>) {
      PutBits(std::bit_cast<std::uint32_t>(value));
    } else if constexpr (std::is_same_v<T, double>) {
      PutBits(std::bit_cast<std::uint64_t>(value));
    } else if constexpr (std::is_same_v<T, Duration>) {
      PutBits(static_cast<std::uint64_t>(value.count()));
    } else if constexpr (std::is_same_v<T, TimePoint>) {
      PutBits(static_cast<std::uint64_t>(value.time_since_epoch().count()));
    } else if constexpr (requires { value.VisitState(*this); }) {
      value.VisitState(*this);
    } else {
      PutMany(value);
    }
  }
  template <typename T>
  void PutMany(T& value) {
    Fields(*this, value);
  }
  template <typename T, std::size_t kSize>
  void PutMany(std::array<T, kSize>& values) {
    for (T& value : values) Put(value);
  }
  template <typename T>
  void PutMany(std::vector<T>& values) {
    for (T& value : values) Put(value);
  }
  template <typename T>
  void PutMany(std::optional<T>& value) {
    PutBits(static_cast<std::uint8_t>(value ? 1 : 0));
    if (value) Put(*value);
  }
  template <std::size_t kSize>
  void PutMany(std::bitset<kSize>& bits) {
    static_assert(kSize % 64 == 0);
    for (std::size_t from = 0; from < kSize; from += 64) {
      std::uint64_t word = 0;
      for (std::size_t i = 0; i < 64; ++i) word |= std::uint64_t{bits[from + i]} << i;
      PutBits(word);
    }
  }

  std::span<std::uint8_t> into_;
  std::size_t size_ = 0;
  bool overflowed_ = false;
};

// Reads what StateWriter wrote. The first thing that is missing, or that is not a value of its
// type, makes sound() false, and nothing is changed after it.
class StateReader {
 public:
  explicit StateReader(std::span<const std::uint8_t> from) : from_(from) {}

  template <typename... Values>
  void operator()(Values&... values) {
    (Get(values), ...);
  }
  // What must hold between the values that were read.
  void Check(bool holds) { sound_ = sound_ && holds; }

  bool sound() const { return sound_; }
  std::size_t left() const { return from_.size(); }

 private:
  template <std::unsigned_integral T>
  T Bits() {
    T bits = 0;
    Check(from_.size() >= sizeof bits);
    if (!sound_) return 0;
    for (std::size_t i = 0; i < sizeof bits; ++i) {
      bits = static_cast<T>(bits | static_cast<T>(static_cast<T>(from_[i]) << (8 * i)));
    }
    from_ = from_.subspan(sizeof bits);
    return bits;
  }
  // Times and lengths come from a file: what the gate adds and subtracts must not overflow.
  std::int64_t Length(bool or_never = false) {
    constexpr std::int64_t kMost = std::int64_t{1} << 60;  // 36 years in nanoseconds
    const auto length = static_cast<std::int64_t>(Bits<std::uint64_t>());
    Check((length >= -kMost && length <= kMost) ||
          (or_never && (length == INT64_MAX || length == INT64_MIN)));
    return length;
  }
  template <typename T>
  void Get(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      const auto bits = Bits<std::uint8_t>();
      Check(bits <= 1);
      if (sound_) value = bits == 1;
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
      const std::int64_t length = Length();
      if (sound_) value = length;
    } else if constexpr (std::is_integral_v<T>) {
      const auto bits = Bits<std::make_unsigned_t<T>>();
      if (sound_) value = static_cast<T>(bits);
    } else if constexpr (std::is_enum_v<T>) {
      const auto bits = Bits<std::make_unsigned_t<std::underlying_type_t<T>>>();
      Check(bits <= static_cast<decltype(bits)>(LastOf<T>::kValue));
      if (sound_) value = static_cast<T>(bits);
    } else if constexpr (std::is_same_v<T, float>) {
      const auto bits = Bits<std::uint32_t>();
      if (sound_) value = std::bit_cast<float>(bits);
    } else if constexpr (std::is_same_v<T, double>) {
      const auto bits = Bits<std::uint64_t>();
      if (sound_) value = std::bit_cast<double>(bits);
    } else if constexpr (std::is_same_v<T, Duration>) {
      const std::int64_t length = Length();
      if (sound_) value = Duration(length);
    } else if constexpr (std::is_same_v<T, TimePoint>) {
      const std::int64_t length = Length(true);  // max() stands for never, min() for always
      if (sound_) value = TimePoint(Duration(length));
    } else if constexpr (requires { value.VisitState(*this); }) {
      value.VisitState(*this);
    } else {
      GetMany(value);
    }
  }
  template <typename T>
  void GetMany(T& value) {
    Fields(*this, value);
  }
  template <typename T, std::size_t kSize>
  void GetMany(std::array<T, kSize>& values) {
    for (T& value : values) Get(value);
  }
  template <typename T>
  void GetMany(std::vector<T>& values) {
    for (T& value : values) Get(value);
  }
  template <typename T>
  void GetMany(std::optional<T>& value) {
    bool there = false;
    Get(there);
    value.reset();
    if (there) Get(value.emplace());  // false, too, where it could not be read
  }
  template <std::size_t kSize>
  void GetMany(std::bitset<kSize>& bits) {
    static_assert(kSize % 64 == 0);
    bits.reset();
    for (std::size_t from = 0; from < kSize; from += 64) {
      bits |= std::bitset<kSize>(Bits<std::uint64_t>()) << from;
    }
  }

  std::span<const std::uint8_t> from_;
  bool sound_ = true;
};

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_STATE_BYTES_H_
