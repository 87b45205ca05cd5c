#ifndef TAKTGATE_INT8_C_HANDLE_H_
#define TAKTGATE_INT8_C_HANDLE_H_

#include <taktgate/int8.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "int8/engine.h"
#include "int8/network/network.h"

// What stands behind the handle of the C interface.
struct taktgate_int8 {
  std::unique_ptr<taktgate::int8::Engine> engine;
  taktgate_int8_info info{};
  std::string left_out;
  std::vector<taktgate_int8_output> outputs;
  std::vector<taktgate::int8::Plane> planes;  // of the window that is being shown
  std::atomic_flag running = ATOMIC_FLAG_INIT;
  int windows_of_run = 0;
};

namespace taktgate::int8 {

// `engine` is of this network, which is not needed afterwards.
std::unique_ptr<taktgate_int8> HandleOf(std::unique_ptr<Engine> engine, const Network& network);

}  // namespace taktgate::int8

#endif  // TAKTGATE_INT8_C_HANDLE_H_
