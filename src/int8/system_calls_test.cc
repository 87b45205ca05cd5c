// A run does not call the system: a child process that the kernel kills at the first call does
// runs.
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <vector>

#include "int8/engine.h"
#include "int8/network/network_file.h"
#include "int8/network/test_mobilenet.h"

namespace taktgate::int8 {
namespace {

constexpr int kRight = 0, kWrong = 1, kNotStrict = 2;

// The status of a child that does `work` and may do nothing else from there on than to write, to
// read and to end: seccomp's strict mode.
template <typename Work>
int StatusOfStrictChild(const Work& work) {
  const pid_t child = fork();
  if (child == 0) {
    constexpr unsigned long kStrict = 1;  // SECCOMP_MODE_STRICT
    const int status = prctl(PR_SET_SECCOMP, kStrict, 0UL, 0UL, 0UL) == 0 ? work() : kNotStrict;
    syscall(SYS_exit, status);  // exit_group, which _exit calls, is forbidden
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

bool Ended(int status, int with) { return WIFEXITED(status) && WEXITSTATUS(status) == with; }

class SystemCalls : public ::testing::Test {
 protected:
  void SetUp() override {
#ifdef TAKTGATE_SANITIZED
    GTEST_SKIP() << "the sanitizers call the system themselves";
#endif
    if (Ended(StatusOfStrictChild([] { return kRight; }), kNotStrict)) {
      GTEST_SKIP() << "no seccomp on this system, as under an emulator of another CPU";
    }
  }
};

TEST_F(SystemCalls, AreNoticed) {
  const int status = StatusOfStrictChild([] { return getppid() > 0 ? kRight : kWrong; });
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
}

TEST_F(SystemCalls, AreNotMadeByARun) {
  constexpr int kWindows = 2;
  for (const int weight_bits : {7, 8}) {
    const auto network = *ReadNetwork(testing::MobileNetV3Small(64, 2, 4, weight_bits));
    const std::vector<std::uint8_t> pixels(network.input().size(), 99);
    const Plane planes[] = {{pixels.data(), 128, 2}, {pixels.data() + 1, 128, 2}};
    for (const Isa isa : IsasOfThisCpu()) {
      const auto engine = *Engine::Create(network, {kWindows, isa});
      ASSERT_EQ(engine->isa(), isa);
      const auto runs = [&] {
        for (int windows : {1, kWindows, 1}) {
          for (int window = 0; window < windows; ++window) engine->SetInput(window, planes);
          if (!engine->Run(windows)) return kWrong;
        }
        const auto first = engine->logits(0), second = engine->logits(1);
        return std::equal(first.begin(), first.end(), second.begin()) ? kRight : kWrong;
      };
      EXPECT_TRUE(Ended(StatusOfStrictChild(runs), kRight)) << NameOf(isa) << ", " << weight_bits;
    }
  }
}

}  // namespace
}  // namespace taktgate::int8
