#ifndef TAKTGATE_RIG_TEST_EMULATED_H_
#define TAKTGATE_RIG_TEST_EMULATED_H_

#include <cstdlib>

namespace taktgate::rig::testing {

// Under qemu-user /proc/self/exe is the emulator: a program cannot start itself again.
inline bool Emulated() { return std::getenv("QEMU_CPU") != nullptr; }

}  // namespace taktgate::rig::testing

#endif  // TAKTGATE_RIG_TEST_EMULATED_H_
