// The answer where only the service has what it takes.
#pragma once

#include <string>
#include <string_view>

#include "fingerpost/v1/answer.pb.h"

namespace fingerpost::policy::resolve {

// NOT_IMPLEMENTED: the service can answer this. `what` says why the one who was asked cannot.
[[nodiscard]] v1::Error AskTheService(std::string field, std::string_view what);

}  // namespace fingerpost::policy::resolve
