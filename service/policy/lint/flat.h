// Chains made one hop: what a rule or a row would have to say.
#pragma once

#include <absl/functional/function_ref.h>

#include <string>
#include <string_view>

#include "fingerpost/v1/policy.pb.h"
#include "policy/lint/rows.h"
#include "policy/lint/walk.h"

namespace fingerpost::policy::lint {

struct Flat {
  Node node;
  std::string from, target = {};  // The target as it is, and as it is to be.
  int status = 0;                 // The code that it must get; 0: its own stays.
  // Why the chain stays: "end elsewhere for some requests …"; empty: it is to be as above.
  std::string_view left = {};
};

// Visits each rule and row whose target is text that other redirects lead on. It is to be one hop
// if every request ends where it did before: whoever asks, by whatever method, on whatever host,
// and whatever the query. The code is the most conservative one of those on the way: 303, else 302
// or 307 if one is temporary, else 301 or 308; 301 and 302 if one of them turns POST into GET.
void ForEachFlat(const v1::Policy& policy, const Walker& walker, const RowGraph& rows,
                 absl::FunctionRef<void(Flat)> visit);

}  // namespace fingerpost::policy::lint
