#ifndef TAKTGATE_BASE_THREAD_REFUSED_H_
#define TAKTGATE_BASE_THREAD_REFUSED_H_

#include <string_view>
#include <system_error>

#include "base/result.h"

namespace taktgate {

// io: the system gave no further thread. `whose` begins the message: "a thread of the station".
Error ThreadRefused(std::string_view whose, const std::system_error& refused);

}  // namespace taktgate

#endif  // TAKTGATE_BASE_THREAD_REFUSED_H_
