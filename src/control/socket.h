#ifndef TAKTGATE_CONTROL_SOCKET_H_
#define TAKTGATE_CONTROL_SOCKET_H_

#include <array>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <variant>

#include "base/clock.h"
#include "base/result.h"

namespace taktgate::control {

// The socket `control` in a state folder, through which people on this unit speak to a running
// station: one line in, one line out, and the connection is over. Who may connect is who may write
// to the socket file (mode 0660). Callers are not trusted: a line is at most 1 KiB and must be
// there within two seconds; one that hangs keeps nobody else waiting.
//
// Threads: Create and destruction from the owner; `reply` is called on the socket's own thread,
// which has no priority.
class ControlSocket {
 public:
  static constexpr std::size_t kMaxLine = 1024;
  // For an answer that takes its time: asked again and again until it has one. The caller waits,
  // nobody else does.
  using Later = std::function<std::optional<std::string>()>;
  using Said = std::variant<std::string, Later>;
  using Reply = std::function<Said(std::string_view line)>;

  // The folder must be claimed (state_folder.h): what lies there is left over from a dead process.
  static Result<std::unique_ptr<ControlSocket>> Create(const std::filesystem::path& folder,
                                                       Reply reply);
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

 private:
  struct Caller {
    int fd = -1;
    TimePoint until{};
    std::string line;
    Later later;  // set: its answer is awaited
  };
  static constexpr std::size_t kCallers = 8;

  ControlSocket(std::filesystem::path path, int fd, Reply reply);
  void Serve();
  void Welcome(TimePoint now);
  void Hear(Caller& caller);
  void Answer(Caller& caller, std::string_view line);
  void AnswerLater(Caller& caller);
  static void Say(Caller& caller, const std::string& answer);
  static void HangUp(Caller& caller);

  const std::filesystem::path path_;
  const int fd_;
  const Reply reply_;
  std::array<Caller, kCallers> callers_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

// Sends one line to the station of this state folder and gives its answer. not_found: no station
// runs there. timeout: it does not accept the call, or does not answer, within `patience`.
Result<std::string> AskStation(const std::filesystem::path& folder, std::string_view line,
                               Duration patience = std::chrono::seconds(4));

}  // namespace taktgate::control

#endif  // TAKTGATE_CONTROL_SOCKET_H_
