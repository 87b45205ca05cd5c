#ifndef TAKTGATE_BASE_MUTEX_H_
#define TAKTGATE_BASE_MUTEX_H_

#include <mutex>

// What clang's -Wthread-safety (in `make lint`) needs to know; nothing to any other compiler.
#ifdef __clang__
#define TAKTGATE_THREAD_SAFETY(attribute) __attribute__((attribute))
#else
#define TAKTGATE_THREAD_SAFETY(attribute)
#endif
// Written after a member: only a thread that holds `mutex` may touch it.
#define TAKTGATE_GUARDED_BY(mutex) TAKTGATE_THREAD_SAFETY(guarded_by(mutex))

namespace taktgate {

// A std::mutex that the compiler follows. Named as the standard names it, so that
// std::condition_variable_any takes it.
class TAKTGATE_THREAD_SAFETY(capability("mutex")) Mutex {
 public:
  void lock() TAKTGATE_THREAD_SAFETY(acquire_capability()) { mutex_.lock(); }
  void unlock() TAKTGATE_THREAD_SAFETY(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

// Holds a Mutex to the end of its block.
class TAKTGATE_THREAD_SAFETY(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) TAKTGATE_THREAD_SAFETY(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() TAKTGATE_THREAD_SAFETY(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace taktgate

#endif  // TAKTGATE_BASE_MUTEX_H_
