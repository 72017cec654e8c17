// What a rule captures of a request: parts of its host and path, the language, values of its query,
// fields and cookies.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "policy/compiled/rule.h"
#include "policy/compiled/subject.h"

namespace fingerpost::policy::compiled {

// The values of Rule::captures. A group that took no part is empty.
using Captured = absl::InlinedVector<std::string_view, 4>;

// Of a request that `rule` matches; `of_path` is the index's (Candidate). They refer to the
// subject.
[[nodiscard]] Captured AllCaptured(const Rule& rule, std::span<const std::string_view> of_path,
                                   const Subject& subject);

// The same of a sample request, which has a URL only. In place of what it does not say stand the
// first language and "x".
[[nodiscard]] Captured SampleCaptured(const Rule& rule, std::span<const std::string_view> of_path,
                                      const Subject& subject);

[[nodiscard]] const ValueCondition& ConditionOf(const Rule& rule, const CapturedValue& captured);

// The parameters of the request's query that the rule captures from: "p=123&lang=de", encoded.
[[nodiscard]] std::string CapturedQuery(const Rule& rule, const Subject& subject);

// A captured value in a text, which is no URL: decoded, unless the octets would not be UTF-8 or
// would hold control characters.
[[nodiscard]] std::string CapturedText(const decide::Values::Value& value);

// What is captured from where, for explanations: "{1} from match.hosts, {id} from match.query[p]".
// Empty: only parts of the path.
[[nodiscard]] std::string CapturedElsewhere(const Rule& rule);

}  // namespace fingerpost::policy::compiled
