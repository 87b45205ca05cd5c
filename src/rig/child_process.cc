#include "rig/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace taktgate::rig {
namespace {

constexpr char kThisProgram[] = "/proc/self/exe";

int CodeOf(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

// In the child, between fork and exec: calls that need no lock, and no way back.
[[noreturn]] void Become(char* const* arguments, int log, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // it died before that took effect
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execv(kThisProgram, arguments);
  _exit(127);
}

}  // namespace

ChildProcess::~ChildProcess() { Kill(); }

Status ChildProcess::Start(const std::vector<std::string>& arguments,
                           const std::filesystem::path& log) {
  Kill();
  std::vector<std::string> words{"taktgate"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const int fd = open(log.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) {
    return Error{ErrorCode::kIo, log.string() + ": " + std::strerror(errno)};
  }
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) Become(pointers.data(), fd, parent);
  const int failed = errno;
  close(fd);
  if (pid_ < 0) {
    return Error{ErrorCode::kIo, std::string("no new process: ") + std::strerror(failed)};
  }
  ended_.reset();
  return {};
}

std::optional<int> ChildProcess::Ended() {
  int status = 0;
  if (started() && !ended_ && waitpid(pid_, &status, WNOHANG) == pid_) ended_ = CodeOf(status);
  return ended_;
}

void ChildProcess::Signal(int signal) const {
  if (started() && !ended_) kill(pid_, signal);
}

void ChildProcess::Kill() {
  if (!started() || ended_) return;
  kill(pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  ended_ = CodeOf(status);
}

}  // namespace taktgate::rig
