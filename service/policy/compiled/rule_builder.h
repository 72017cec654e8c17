// What compiling a rule needs at every step.
#pragma once

#include <string_view>

#include "core/message/faults.h"
#include "core/message/place.h"
#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/host_table.h"
#include "policy/compiled/regex.h"
#include "policy/compiled/rule.h"

namespace fingerpost::policy::compiled {

struct RuleBuilder {
  const v1::Policy& policy;
  const v1::Rule& source;
  const v1::Match& match;   // The rule's, or one of its exceptions.
  message::Place at;        // "rules[3]"
  message::Place match_at;  // "rules[3].match", "rules[3].match.not[1]"
  HostTable& hosts;
  RegexCompiler& regexes;
  message::Faults& faults;
  Rule rule;

  [[nodiscard]] message::Place Field(std::string_view member) const { return at[member]; }
  [[nodiscard]] message::Place InMatch(std::string_view member) const { return match_at[member]; }
};

// Compiles the hosts, the path and the other conditions of `b.match`, but for the share, into
// `b.rule`; reports what is wrong with them.
void CompileConditions(RuleBuilder& b);

// The same for each element of match.not.
void CompileExceptions(RuleBuilder& b);

// Lists what the compiled conditions capture; reports names that are used twice.
void CompileCaptures(RuleBuilder& b);

// Reports each group of the match that has a name: `why` says that it is of no use there.
void RefuseNamedGroups(RuleBuilder& b, std::string_view why);

[[nodiscard]] bool IsCaptured(const RuleBuilder& b, std::string_view name);

// What is wrong with the name of a placeholder that is none of the captures.
[[nodiscard]] std::string NotCaptured(const RuleBuilder& b, std::string_view name);

}  // namespace fingerpost::policy::compiled
