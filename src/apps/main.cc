#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "apps/commands.h"
#include "apps/program.h"
#include "base/say_now.h"
#include "station/last_catch.h"

namespace taktgate::apps {
namespace {

void SayInternal(const char* what) {
  SayNow("taktgate: internal error: ");
  SayNow(what);
  SayNow("\n");
}

// An exception that nobody caught, on any thread, or one where none may be. First the lines are
// made safe, then the message is written, if it can be taken.
[[noreturn]] void OnTerminate() {
  station::LastCatch::MakeSafe();
  try {
    if (const auto thrown = std::current_exception()) std::rethrow_exception(thrown);
    SayInternal("terminate was called");
  } catch (const std::exception& error) {
    SayInternal(error.what());
  } catch (...) {
    SayInternal("an exception without words");
  }
  std::abort();
}

}  // namespace
}  // namespace taktgate::apps

int main(int argc, char** argv) {
  // The last catch: outputs are energised for PASS, so a process that ends here is a REJECT.
  std::set_terminate(taktgate::apps::OnTerminate);
  std::signal(SIGPIPE, SIG_IGN);  // a reader that has gone must not stop a line
  try {
    return taktgate::apps::RunProgram(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "taktgate: internal error: %s\n", error.what());
  } catch (...) {
    std::fprintf(stderr, "taktgate: internal error\n");
  }
  return taktgate::apps::kExitInternal;
}
