// Targets that other redirects lead on, or that are gone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/http/url.h"
#include "policy/lint/client.h"
#include "policy/lint/names.h"
#include "policy/lint/walk.h"

namespace fingerpost::policy::lint {

// What becomes of a literal target.
struct Led {
  Walk walk;
  // The last URL as a target, in the form of the text, and a path where that is a relative one;
  // empty if there is none to write.
  std::string better;
  bool does_more = false;  // An answer on the way does more than to lead on.

  // A redirect leads it on, to an end, if maybe one that is too far away for clients.
  [[nodiscard]] bool is_chain() const { return !walk.hops.empty() && !walk.repeats(); }
  [[nodiscard]] bool is_gone() const { return walk.end == Walk::End::kGone; }
};

// `of` is the intent of the target, and `base` a URL of the request of `client` that it answers.
[[nodiscard]] Led Lead(const Walker& walker, std::string_view target, const v1::Intent& of,
                       const http::Url& base, const Client& client = {}, size_t most = kMostHops);

// A URL for what is for every host, on the host to which canonical leads.
[[nodiscard]] http::Url AnyBase(const compiled::Snapshot& snapshot);
// The same for a rule, with a path that it matches, and on a host of its own if it has one.
[[nodiscard]] http::Url BaseOf(const Walker& walker, const compiled::Rule& rule);

// Whether it leads to another place from each directory: "b", "?x=1".
[[nodiscard]] bool IsRelativePath(std::string_view target);
// Whether the rule matches no path but one, as it is written.
[[nodiscard]] bool HasOnePath(const compiled::Rule& rule);

// "leads on by line 3 of a.csv, a hop more; write "/c"", "leads to what is gone …". `led` is a
// chain or gone. `as` is the URL that was a sample for others, with where it leads; may be empty.
[[nodiscard]] std::string TextOf(const Led& led, const compiled::Snapshot& snapshot,
                                 const Names& names, const std::string& as);

}  // namespace fingerpost::policy::lint
