#ifndef TAKTGATE_BASE_TEST_ALLOCATIONS_H_
#define TAKTGATE_BASE_TEST_ALLOCATIONS_H_

// Counts what a thread allocates. It brings a malloc for the whole program, so one file of a test
// program includes it. The sanitizers bring their own: in their builds nothing is counted.

#include <cstdint>
#include <cstdlib>

namespace taktgate::testing {

// Of this thread: are allocations counted, and how many there were.
inline constinit thread_local bool armed = false;
inline constinit thread_local std::uint64_t allocations = 0;

// While it lives, allocations of this thread are counted, from 0.
class CountedThread {
 public:
  CountedThread() {
    allocations = 0;
    armed = true;
  }
  ~CountedThread() { armed = false; }
  CountedThread(const CountedThread&) = delete;
  CountedThread& operator=(const CountedThread&) = delete;
};

inline void CountAllocation() {
  if (armed) ++allocations;
}

}  // namespace taktgate::testing

#ifndef TAKTGATE_SANITIZED
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void* malloc(std::size_t size) {
  taktgate::testing::CountAllocation();
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  taktgate::testing::CountAllocation();
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
  taktgate::testing::CountAllocation();
  return __libc_realloc(old, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  taktgate::testing::CountAllocation();
  return __libc_memalign(alignment, size);
}
}
#endif

#endif  // TAKTGATE_BASE_TEST_ALLOCATIONS_H_
