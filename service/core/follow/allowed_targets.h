// Target rules: where a hop may go, as far as a URL tells.
#pragma once

#include "core/http/url.h"
#include "core/message/violations.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// Whether `url` is within `rules`. What a name resolves to is not seen here.
[[nodiscard]] bool IsAllowedTarget(const http::Url& url, const v1::TargetRules& rules);

// Adds a violation for each rule that has no meaning. `path` is "options.targets".
void CheckTargetRules(const v1::TargetRules& rules, const std::string& path,
                      message::Violations& violations);

}  // namespace fingerpost::follow
