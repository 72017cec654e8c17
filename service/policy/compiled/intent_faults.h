// Intents and settings of the policy, checked by the core as a request's own intent is.
#pragma once

#include <string>
#include <string_view>

#include "core/message/faults.h"
#include "fingerpost/v1/intent.pb.h"
#include "fingerpost/v1/policy.pb.h"

namespace fingerpost::policy::compiled {

// Reports a trust that is not the policy's.
void CheckTrust(const v1::Intent& intent, const message::Place& at, message::Faults& faults);

// Reports every fault of `intent`, which stands at `at`.
void CheckIntent(const v1::Intent& intent, const v1::Defaults& defaults, const message::Place& at,
                 message::Faults& faults);

// Reports every fault of a share's key.
void CheckShareKey(const v1::StickyKey& key, const message::Place& at, message::Faults& faults);
// What to write instead of a target that LacksTwoSlashes.
inline constexpr std::string_view kTwoSlashesExpected =
    "has not exactly two slashes after http: or https:, and leads to a path or to a host; write "
    "\"https://host/path\" (RFC 9110 §4.2.2), or a path that begins with one \"/\"";

// Reports each target of `intent` with a placeholder: `why` says that nothing fills it in.
void CheckNoPlaceholders(const v1::Intent& intent, const message::Place& at, std::string_view why,
                         message::Faults& faults);

// Reports every fault of the settings, which stand at `at`.
void CheckDefaults(const v1::Defaults& defaults, const message::Place& at, message::Faults& faults);

}  // namespace fingerpost::policy::compiled
