#ifndef TAKTGATE_BASE_TEST_FORM_H_
#define TAKTGATE_BASE_TEST_FORM_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace taktgate::testing {

// Long proofs have a short form for every run, and the full one with TAKTGATE_NIGHTLY=1; which one
// ran is printed with both counts (tests/forms.py is its twin).
inline std::uint64_t Form(const char* what, std::uint64_t in_short, std::uint64_t in_full) {
  const char* nightly = std::getenv("TAKTGATE_NIGHTLY");
  const bool full = nightly != nullptr && std::string_view(nightly) == "1";
  const std::uint64_t taken = full ? in_full : in_short;
  std::printf("[form] %s: %llu (%s form; short %llu, full %llu)\n", what,
              static_cast<unsigned long long>(taken), full ? "full" : "short",
              static_cast<unsigned long long>(in_short), static_cast<unsigned long long>(in_full));
  return taken;
}

}  // namespace taktgate::testing

#endif  // TAKTGATE_BASE_TEST_FORM_H_
