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
  // The last URL as a target, in the form of the text; empty if there is none to write.
  std::string better;

  // A redirect leads it on, to an end, if maybe one that is too far away for clients.
  [[nodiscard]] bool is_chain() const { return !walk.hops.empty() && !walk.repeats(); }
  [[nodiscard]] bool is_gone() const { return walk.end == Walk::End::kGone; }
};

// `base` is a URL of the request of `client` that is answered with the target.
[[nodiscard]] Led Lead(const Walker& walker, std::string_view target, const http::Url& base,
                       const Client& client = {}, size_t most = kMostHops);

// A URL for what is for every host, on the host to which canonical leads.
[[nodiscard]] http::Url AnyBase(const compiled::Snapshot& snapshot);

// "leads on by line 3 of a.csv, a hop more; write "/c"", "leads to what is gone …". `led` is a
// chain or gone. `as` is the URL that was a sample for others, with where it leads; may be empty.
[[nodiscard]] std::string TextOf(const Led& led, const compiled::Snapshot& snapshot,
                                 const Names& names, const std::string& as);

}  // namespace fingerpost::policy::lint
