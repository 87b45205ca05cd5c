#include "infer/run_limit.h"

#include <string>

namespace taktgate::infer {

RunLimit::RunLimit(Classifier& classifier, Duration limit)
    : classifier_(classifier), limit_(limit), begun_(std::chrono::steady_clock::now()) {
  thread_ = std::thread([this] { Watch(); });
}

RunLimit::~RunLimit() {
  ended_ = true;
  end_signal_.Notify();
  thread_.join();
  if (reached_) classifier_.ResetTerminate();
}

void RunLimit::Watch() {
  while (!ended_) {
    const TimePoint due = begun_.load() + limit_;
    if (std::chrono::steady_clock::now() >= due) {
      reached_ = true;
      classifier_.Terminate();
      return;
    }
    end_signal_.WaitUntil(due);
  }
}

Status RunLimit::Check() const {
  if (!reached_) return {};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limit_).count();
  return Error{ErrorCode::kInvalid, "expected an answer from the model within " +
                                        std::to_string(seconds) +
                                        " s, got none; look for a loop in it that never ends"};
}

}  // namespace taktgate::infer
