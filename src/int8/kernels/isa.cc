#include "int8/kernels/isa.h"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace taktgate::int8 {
namespace {

constexpr Isa kFastestFirst[] = {Isa::kAvx512Vnni, Isa::kAvxVnni, Isa::kAvx2,  Isa::kNeonI8mm,
                                 Isa::kNeonDot,    Isa::kNeon,    Isa::kScalar};

}  // namespace

std::string_view NameOf(Isa isa) {
  switch (isa) {
    case Isa::kScalar:
      return "scalar";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvxVnni:
      return "avx-vnni";
    case Isa::kAvx512Vnni:
      return "avx512-vnni";
    case Isa::kNeon:
      return "neon";
    case Isa::kNeonDot:
      return "neon-dot";
    case Isa::kNeonI8mm:
      return "neon-i8mm";
  }
  return "";
}

std::string NamesOf(std::span<const Isa> isas) {
  std::string names;
  for (const Isa isa : isas) names += (names.empty() ? "" : ", ") + std::string(NameOf(isa));
  return names;
}

Result<Isa> IsaNamed(std::string_view name) {
  for (const Isa isa : kFastestFirst) {
    if (NameOf(isa) == name) return isa;
  }
  return Invalid("expected an instruction set of " + NamesOf(kFastestFirst) + ", got '" +
                 std::string(name) + "'");
}

#if defined(__x86_64__)
namespace {

// Leaf 7, subleaf 1: compilers of Debian 12 do not all know it by name.
bool HasAvxVnni() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a & (1U << 4U)) != 0;
}

}  // namespace

bool CpuHas(Isa isa) {
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") != 0;
  switch (isa) {
    case Isa::kScalar:
      return true;
    case Isa::kAvx2:
      return avx2;
    case Isa::kAvxVnni:
      return avx2 && HasAvxVnni();
    case Isa::kAvx512Vnni:
      return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
             __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512vbmi") != 0 &&
             __builtin_cpu_supports("avx512vnni") != 0;
    default:
      return false;
  }
}
#elif defined(__aarch64__)
bool CpuHas(Isa isa) {
  switch (isa) {
    case Isa::kScalar:
    case Isa::kNeon:
      return true;
    case Isa::kNeonDot:
      return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
    case Isa::kNeonI8mm:
      return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0 &&
             (getauxval(AT_HWCAP2) & HWCAP2_I8MM) != 0;
    default:
      return false;
  }
}
#else
bool CpuHas(Isa isa) { return isa == Isa::kScalar; }
#endif

std::vector<Isa> IsasOfThisCpu() {
  std::vector<Isa> found;
  for (const Isa isa : kFastestFirst) {
    if (CpuHas(isa)) found.push_back(isa);
  }
  return found;
}

}  // namespace taktgate::int8
