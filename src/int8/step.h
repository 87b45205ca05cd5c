#ifndef TAKTGATE_INT8_STEP_H_
#define TAKTGATE_INT8_STEP_H_

#include <cstddef>
#include <cstdint>
#include <variant>

#include "int8/kernels/kernels.h"

namespace taktgate::int8 {

// Codes of a vector as floats: (x - zero_point) * multiplier.
struct Scores {
  const std::uint8_t* x = nullptr;
  std::ptrdiff_t window = 0;
  int windows = 1, labels = 1, zero_point = 0;
  std::uint8_t flips = 0;  // bits of x that are not those of its codes
  float multiplier = 0;
  float* floats = nullptr;
  std::ptrdiff_t floats_window = 0;
};

// Of each place the channel of the largest logit goes to the first channel of y.
struct Select {
  const std::uint8_t* x = nullptr;
  Steps x_steps;
  const float* logits = nullptr;
  std::ptrdiff_t logits_window = 0;
  int labels = 1;
  std::uint8_t* y = nullptr;
  Steps y_steps;
  Rows places;
};

// A map of blocks as height x width x channels.
struct ReadOut {
  const std::uint8_t* x = nullptr;
  Steps x_steps;
  int windows = 1, height = 1, width = 1, channels = 1;
  std::uint8_t flips = 0;  // as above
  std::uint8_t* codes = nullptr;
};

// What one operation of a network needs of the CPU.
struct Step {
  std::variant<ReadIn, FillBorder, Dense, Depthwise, Gate, Add, Mean, Lookup, Scores, Select,
               ReadOut>
      work;
  // Vectors of several windows are the columns of one map.
  bool windows_are_columns = false;
};

void SetWindows(Step& step, int windows);
void Do(const Step& step, const Kernels& kernels);

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_STEP_H_
