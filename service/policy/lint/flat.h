// Chains made one hop: what a rule or a row would have to say.
#pragma once

#include <absl/functional/function_ref.h>

#include <string>

#include "fingerpost/v1/policy.pb.h"
#include "policy/lint/rows.h"
#include "policy/lint/walk.h"

namespace fingerpost::policy::lint {

struct Flat {
  Node node;
  std::string from, target;  // The target as it is, and as it is to be.
  int status = 0;            // The code that it must get; 0: its own stays.
};

// Visits each rule and row whose target is text that other redirects lead on, whoever asks and on
// whatever host, and whatever the query. Of the codes on the way the most conservative one stays:
// temporary wins over permanent, 303 over both; 301 and 302, or 308 and 307, as the redirect's own.
// Returns how many chains are left because that is not so.
size_t ForEachFlat(const v1::Policy& policy, const Walker& walker, const RowGraph& rows,
                   absl::FunctionRef<void(const Flat&)> visit);

}  // namespace fingerpost::policy::lint
