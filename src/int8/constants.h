#ifndef TAKTGATE_INT8_CONSTANTS_H_
#define TAKTGATE_INT8_CONSTANTS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace taktgate::int8 {

// What a network keeps beside its arena: weights as the kernels want them, biases, multipliers. All
// of it lies in pages of its own, which the system gets back with the last of it: what the probe
// packs for comparison does not stay with the process.
class Constants {
 public:
  // All zero, from a cache line on.
  template <typename Number>
  Number* Make(std::size_t count) {
    return reinterpret_cast<Number*>(Take(count * sizeof(Number)));
  }
  std::size_t bytes() const { return bytes_; }

 private:
  struct GiveBack {
    std::size_t size = 0;
    void operator()(std::uint8_t* pages) const;
  };

  std::uint8_t* Take(std::size_t bytes);

  std::vector<std::unique_ptr<std::uint8_t, GiveBack>> pages_;
  std::uint8_t* next_ = nullptr;
  std::size_t left_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_CONSTANTS_H_
