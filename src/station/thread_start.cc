#include "station/thread_start.h"

#include <algorithm>
#include <thread>

#include "base/thread_name.h"
#include "station/last_catch.h"
#include "station/realtime.h"

namespace taktgate::station {
namespace {

void AddName(std::string& names, const std::string& name) {
  names += (names.empty() ? "" : ", ") + name;
}

}  // namespace

std::vector<std::string> RefusedThings(const std::vector<ThreadGrant>& grants) {
  std::string without_priority, why;
  std::vector<std::string> lines;
  for (const ThreadGrant& grant : grants) {
    if (!grant.core_refused.empty()) {
      lines.push_back("the " + std::string(grant.plan.name) +
                      " thread is on no core of its own: " + grant.core_refused +
                      "; this process may use " + CoresInWords(AllowedCores()));
    }
    if (grant.priority_refused.empty()) continue;
    AddName(without_priority,
            grant.plan.name + std::string(" (") + std::to_string(grant.plan.priority) + ")");
    why = grant.priority_refused;
  }
  if (!without_priority.empty()) {
    lines.insert(lines.begin(),
                 "threads " + without_priority + ": " + why + "; allow it with " + kAllowPriority);
  }
  return lines;
}

Status CheckCores(const std::vector<ThreadPlan>& plans) {
  std::vector<int> allowed;
  for (const ThreadPlan& plan : plans) {
    if (!plan.core) continue;
    if (allowed.empty()) allowed = AllowedCores();
    if (std::find(allowed.begin(), allowed.end(), *plan.core) != allowed.end()) continue;
    return Error{ErrorCode::kInvalid,
                 "[realtime] " + std::string(plan.name) +
                     "_core: expected a core that this process may use (" + CoresInWords(allowed) +
                     "), got " + std::to_string(*plan.core) +
                     "; name one of them, or widen the service's AllowedCPUs="};
  }
  return {};
}

ThreadGrant Acquire(const ThreadPlan& plan) {
  ThreadGrant grant{plan, {}, {}};
  NameThisThread(plan.name);
  PrefaultStack();
  LastCatch::UseOwnSignalStack();
  if (plan.core) {
    if (Status pinned = PinThisThread(*plan.core); !pinned) {
      grant.core_refused = pinned.error().message;
    }
  }
  if (plan.priority > 0) {
    if (Status made = MakeThisThreadRealtime(plan.priority); !made) {
      grant.priority_refused = made.error().message;
    }
  }
  return grant;
}

std::vector<ThreadGrant> TryOut(const std::vector<ThreadPlan>& plans) {
  std::vector<ThreadGrant> grants;
  for (const ThreadPlan& plan : plans) {
    std::thread([&] { grants.push_back(Acquire(plan)); }).join();
  }
  return grants;
}

bool ThreadStart::Enter(const ThreadPlan& plan) {
  ThreadGrant grant = Acquire(plan);
  const MutexLock lock(mutex_);
  grants_.push_back(std::move(grant));
  changed_.notify_all();
  while (!start_) changed_.wait(mutex_);
  return *start_;
}

std::vector<ThreadGrant> ThreadStart::WaitForAll(std::size_t threads) {
  const MutexLock lock(mutex_);
  while (grants_.size() < threads) changed_.wait(mutex_);
  std::sort(grants_.begin(), grants_.end(), [](const ThreadGrant& a, const ThreadGrant& b) {
    return a.plan.priority > b.plan.priority;
  });
  return grants_;
}

void ThreadStart::Decide(bool start) {
  const MutexLock lock(mutex_);
  start_ = start;
  changed_.notify_all();
}

}  // namespace taktgate::station
