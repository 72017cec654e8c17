// Requests that reach what a policy has.
#pragma once

#include <absl/functional/function_ref.h>

#include <string>

#include "fingerpost/v1/decide.pb.h"
#include "policy/lint/walk.h"

namespace fingerpost::cli {

// Visits some for each rule, row, host and named intent, and neighbours of their paths: of a rule
// for each of its hosts, methods, languages and kinds of clients. Returns how many rules have none,
// because no path of a regular expression is known. `host` is that of rules for every host.
size_t VisitSamples(const policy::lint::Walker& walker, const std::string& host,
                    absl::FunctionRef<void(const v1::DecideRequest&)> visit);

}  // namespace fingerpost::cli
