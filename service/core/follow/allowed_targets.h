// Target rules: where a hop may go, by its URL alone.
#pragma once

#include "core/http/url.h"
#include "core/message/violations.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// Whether `rules` allow `url`. They do not see the address that a name resolves to.
[[nodiscard]] bool IsAllowedTarget(const http::Url& url, const v1::TargetRules& rules);

// Adds a violation for each rule that has no meaning. `path` is "options.targets".
void CheckTargetRules(const v1::TargetRules& rules, const std::string& path,
                      message::Violations& violations);

}  // namespace fingerpost::follow
