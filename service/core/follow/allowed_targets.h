// Target rules: where a hop may go, by its URL alone.
#pragma once

#include "core/http/url.h"
#include "core/message/faults.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// Whether `rules` allow `url`. They do not see the address that a name resolves to.
[[nodiscard]] bool IsAllowedTarget(const http::Url& url, const v1::TargetRules& rules);

// Reports each rule that has no meaning. They stand at `at`.
void CheckTargetRules(const v1::TargetRules& rules, const message::Place& at,
                      message::Faults& faults);

}  // namespace fingerpost::follow
