// Precompiled, and ahead of every source that is compiled for the mutants: which one is alive, and
// what takes long to compile.
#ifndef TAKTGATE_TESTS_MUTANTS_AHEAD_H_
#define TAKTGATE_TESTS_MUTANTS_AHEAD_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace taktgate_mutants {

// From the environment, TAKTGATE_MUTANT: 0 none, -1 none, and whichever is come by is noted.
extern int chosen;
extern unsigned char* notes;

inline bool Alive(int mutant) {
  if (__builtin_expect(chosen < 0, 0)) notes[mutant] = 1;
  return __builtin_expect(chosen == mutant, 0);
}

}  // namespace taktgate_mutants

#endif  // TAKTGATE_TESTS_MUTANTS_AHEAD_H_
