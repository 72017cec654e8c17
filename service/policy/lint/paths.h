// How the hosts and paths of two matches lie to each other, as far as it is easy to tell.
#pragma once

#include <string>
#include <string_view>

#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/path.h"
#include "policy/compiled/rule.h"

namespace fingerpost::policy::lint {

// What all paths of a pattern begin with.
[[nodiscard]] std::string FixedStart(const v1::Match& match);

using compiled::IsUnder;

// Every host of `narrow` is one of `wide`.
[[nodiscard]] bool CoversHosts(const compiled::Conditions& wide,
                               const compiled::Conditions& narrow);

// A host may be one of both.
[[nodiscard]] bool HostsMeet(const v1::Match& a, const v1::Match& b);

// A match and what was compiled of it.
struct Place {
  const v1::Match& match;
  const compiled::Conditions& compiled;
};

enum class Relation {
  kCovers,  // `wide` has every path of `narrow`.
  kMeets,   // It may have some of them.
  kApart,   // It has none.
};
[[nodiscard]] Relation RelationOfPaths(const Place& wide, const Place& narrow);

}  // namespace fingerpost::policy::lint
