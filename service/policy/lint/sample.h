// A sample request for a rule, and the rule's intent for it.
#pragma once

#include <absl/functional/function_ref.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/http/url.h"
#include "policy/compiled/snapshot.h"

namespace fingerpost::policy::lint {

// A host that no policy names (RFC 6761 §6.4), for what is for every host.
inline constexpr std::string_view kSampleOrigin = "https://sample.invalid";
inline constexpr std::string_view kSampleHost = kSampleOrigin.substr(8);

// A URL that the rule matches; empty for a regular expression, for which regex_sample.h has texts.
[[nodiscard]] std::string SampleUrl(const v1::Match& match);

// Visits the candidates for the URL, like a request, with all that a rule captures.
void VisitUrl(const compiled::Snapshot& snapshot, const std::string& url,
              absl::FunctionRef<bool(const compiled::Candidate&)> visit);

// The rule's intent with its texts and targets filled in with all that it captures. Targets that a
// capture would make unsafe stay unchanged.
[[nodiscard]] v1::Intent FilledIntent(const compiled::Rule& rule,
                                      std::span<const std::string_view> captures);

// The rule's intent for the URL, which its path and host match.
[[nodiscard]] v1::Intent IntentFor(const compiled::Snapshot& snapshot, const compiled::Rule& rule,
                                   const std::string& url);

}  // namespace fingerpost::policy::lint
