#include "base/thread_refused.h"

#include <string>

namespace taktgate {

Error ThreadRefused(std::string_view whose, const std::system_error& refused) {
  return {ErrorCode::kIo,
          std::string(whose) + " cannot be made: " + refused.what() +
              "; look at the memory, and at the service's TasksMax= and LimitNPROC="};
}

}  // namespace taktgate
