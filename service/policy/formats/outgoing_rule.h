// One rule of a policy in the terms of outgoing.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/compiled/rule.h"
#include "policy/formats/outgoing.h"

namespace fingerpost::policy::formats {

inline constexpr std::string_view kSampleHost = "sample.invalid";  // RFC 6761 §6.4

// The first member that no format says; "" where there is none.
[[nodiscard]] std::string_view Unsayable(const v1::Match& match);
[[nodiscard]] std::string_view Unsayable(const v1::Intent& intent);

void SetPath(const compiled::Rule& rule, Outgoing& out);
void SetConditions(const v1::Match& match, Outgoing& out);

// The target as the core writes it into Location, but for the placeholders; "" where that depends
// on more than the path.
[[nodiscard]] std::string Serialised(const std::string& target, const Outgoing& out);

// Whether no URL that matches is the target: of another host, or of another path.
[[nodiscard]] bool LeadsElsewhere(const v1::Intent& intent, const std::vector<std::string>& hosts,
                                  const Outgoing& out);

// A value of its target that is neither {rest} nor a group of its pattern; "" where there is none.
[[nodiscard]] std::string UnknownValue(const compiled::Rule& rule, const Outgoing& out);

}  // namespace fingerpost::policy::formats
