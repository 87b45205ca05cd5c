#ifndef TAKTGATE_BASE_THREAD_NAME_H_
#define TAKTGATE_BASE_THREAD_NAME_H_

namespace taktgate {

// Names the calling thread, as seen in /proc and by debuggers (at most 15 characters).
void NameThisThread(const char* name);

}  // namespace taktgate

#endif  // TAKTGATE_BASE_THREAD_NAME_H_
