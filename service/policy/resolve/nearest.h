// Of a request that nothing answers: the rules and rows that nearly do, and why each does not.
#pragma once

#include <string>
#include <vector>

#include "fingerpost/v1/decide.pb.h"
#include "policy/compiled/snapshot.h"

namespace fingerpost::policy::resolve {

struct Near {
  std::string id;   // "blog", "pages:7"
  std::string why;  // "is for other hosts (www.example.com)"
};

inline constexpr size_t kMostNear = 5;

// At most kMostNear, the nearest first: rows for its path and other parameters, those for its path
// on other hosts or in another spelling, those whose path differs by at most two letters. Rules
// for its host and path are in the trace, with the condition that does not hold. Looks once at each
// rule and row. `asked` has a URL.
[[nodiscard]] std::vector<Near> NearestTo(const compiled::Snapshot& snapshot,
                                          const v1::DecideRequest& asked);

}  // namespace fingerpost::policy::resolve
