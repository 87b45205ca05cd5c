#ifndef TAKTGATE_INT8_ISA_H_
#define TAKTGATE_INT8_ISA_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace taktgate::int8 {

// The instruction sets that there are kernels for.
enum class Isa : std::uint8_t {
  kScalar,      // any CPU
  kAvx2,        // x86-64 of 2013 and later
  kAvxVnni,     // 256-bit dot products: Intel of 2021, AMD of 2024 and later
  kAvx512Vnni,  // 512-bit dot products and byte permutations (VBMI): Ice Lake, Zen 4 and later
  kNeon,        // any aarch64
  kNeonDot,     // dot products of signed codes: Cortex-A55, A75 and later
  kNeonI8mm,    // dot products of unsigned codes: Cortex-A510, A710, X2 and later
};

// "avx2", as options and records name it.
std::string_view NameOf(Isa isa);
// "avx-vnni, avx2"; empty: of none.
std::string NamesOf(std::span<const Isa> isas);
// invalid: no set has this name.
Result<Isa> IsaNamed(std::string_view name);

// Whether this CPU, under this system, runs it.
bool CpuHas(Isa isa);
// All that it runs, the fastest first; the last is kScalar.
std::vector<Isa> IsasOfThisCpu();

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_ISA_H_
