#ifndef TAKTGATE_APPS_PROGRAM_H_
#define TAKTGATE_APPS_PROGRAM_H_

namespace taktgate::apps {

// Parses the command line, runs its command and writes standard output out; the exit code.
int RunProgram(int argc, const char* const* argv);

}  // namespace taktgate::apps

#endif  // TAKTGATE_APPS_PROGRAM_H_
