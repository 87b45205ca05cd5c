#ifndef TAKTGATE_BASE_TEST_WAIT_H_
#define TAKTGATE_BASE_TEST_WAIT_H_

#include <gtest/gtest.h>

#include <chrono>
#include <string_view>
#include <thread>

namespace taktgate::testing {

// Waits until `holds`, which another thread brings about; false, and a failure that says `what` did
// not come, when it never will. The limit says nothing about speed: it is far longer than the
// slowest machine takes, and shorter than the limit of a test run, so that a broken program gets a
// message.
template <typename Condition>
[[nodiscard]] bool Comes(std::string_view what, Condition holds) {
  const auto never = std::chrono::steady_clock::now() + std::chrono::seconds(120);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > never) {
      ADD_FAILURE() << "this never came: " << what;
      return false;
    }
    std::this_thread::yield();
  }
  return true;
}

}  // namespace taktgate::testing

#endif  // TAKTGATE_BASE_TEST_WAIT_H_
