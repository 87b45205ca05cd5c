#include "int8/step.h"

#include <algorithm>

#include "int8/kernels/kernel_sets.h"

namespace taktgate::int8 {
namespace {

int& WindowsOf(Dense& dense) { return dense.windows; }
int& WindowsOf(Depthwise& depthwise) { return depthwise.windows; }
int& WindowsOf(ReadIn& read) { return read.windows; }
int& WindowsOf(FillBorder& fill) { return fill.windows; }
int& WindowsOf(Scores& scores) { return scores.windows; }
int& WindowsOf(ReadOut& read) { return read.windows; }
template <typename Work>
int& WindowsOf(Work& work) {
  return work.places.windows;
}

void Do(const Scores& scores, const Kernels&) {
  for (int window = 0; window < scores.windows; ++window) {
    const std::uint8_t* x = scores.x + window * scores.window;
    float* floats = scores.floats + window * scores.floats_window;
    for (int c = 0; c < scores.labels; ++c) {
      const int code = x[c] ^ scores.flips;
      floats[c] = static_cast<float>(code - scores.zero_point) * scores.multiplier;
    }
  }
}

void Do(const Select& select, const Kernels&) {
  for (int window = 0; window < select.places.windows; ++window) {
    const float* logits = select.logits + window * select.logits_window;
    const auto winner = std::max_element(logits, logits + select.labels) - logits;
    const std::uint8_t* from = select.x + window * select.x_steps.window +
                               winner / 16 * select.x_steps.block + winner % 16;
    std::uint8_t* to = select.y + window * select.y_steps.window;
    for (int row = 0; row < select.places.rows; ++row) {
      for (int column = 0; column < select.places.columns; ++column) {
        to[row * select.y_steps.row + column * select.y_steps.column] =
            from[row * select.x_steps.row + column * select.x_steps.column];
      }
    }
  }
}

void Do(const ReadOut& read, const Kernels&) {
  std::uint8_t* to = read.codes;
  for (int window = 0; window < read.windows; ++window) {
    for (int row = 0; row < read.height; ++row) {
      for (int column = 0; column < read.width; ++column) {
        const std::uint8_t* from = read.x + window * read.x_steps.window + row * read.x_steps.row +
                                   column * read.x_steps.column;
        for (int c = 0; c < read.channels; ++c) {
          *to++ = from[c / 16 * read.x_steps.block + c % 16] ^ read.flips;
        }
      }
    }
  }
}

void Do(const FillBorder& fill, const Kernels& kernels) {
  (kernels.fill_border != nullptr ? kernels : kScalarKernels).fill_border(fill);
}
void Do(const ReadIn& read, const Kernels& kernels) { kernels.read_in(read); }
void Do(const Dense& dense, const Kernels& kernels) { kernels.dense(dense); }
void Do(const Depthwise& depthwise, const Kernels& kernels) { kernels.depthwise(depthwise); }
void Do(const Gate& gate, const Kernels& kernels) { kernels.gate(gate); }
void Do(const Add& add, const Kernels& kernels) { kernels.add(add); }
void Do(const Mean& mean, const Kernels& kernels) { kernels.mean(mean); }
void Do(const Lookup& lookup, const Kernels& kernels) { kernels.lookup(lookup); }

}  // namespace

void SetWindows(Step& step, int windows) {
  if (step.windows_are_columns) {
    std::get<Dense>(step.work).columns = windows;
    return;
  }
  std::visit([windows](auto& work) { WindowsOf(work) = windows; }, step.work);
}

void Do(const Step& step, const Kernels& kernels) {
  std::visit([&kernels](const auto& work) { Do(work, kernels); }, step.work);
}

}  // namespace taktgate::int8
