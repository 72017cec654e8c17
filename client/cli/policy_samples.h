// Requests that reach the rules and rows of a policy.
#pragma once

#include <absl/functional/function_ref.h>

#include <string>

#include "fingerpost/v1/http.pb.h"
#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/snapshot.h"

namespace fingerpost::cli {

// Visits at least one for each rule and row, and neighbours of its path. Returns how many rules
// have none, because no path of a regular expression is known. `host` is that of rules for every
// host.
size_t VisitSamples(const v1::Policy& policy, const policy::compiled::Snapshot& snapshot,
                    const std::string& host, absl::FunctionRef<void(const v1::HttpRequest&)> visit);

}  // namespace fingerpost::cli
