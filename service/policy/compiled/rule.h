// One rule of the policy, compiled: its conditions and its intent.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/decide/placeholders.h"
#include "core/decide/wish.h"
#include "core/message/faults.h"
#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/folding.h"
#include "policy/compiled/host_table.h"
#include "policy/compiled/languages.h"
#include "policy/compiled/subject.h"
#include "policy/compiled/value_condition.h"
#include "re2/re2.h"

namespace fingerpost::policy::compiled {

// The conditions of a rule, or of its exception.
struct Conditions {
  enum class Path : uint8_t { kAny, kExact, kPrefix, kPattern };

  std::vector<HostId> hosts;  // Empty: every host.
  Path path_kind = Path::kAny;
  Folding folding = Folding::kNone;  // Of the path.
  std::string path;                  // kExact, kPrefix (without a last "/"), and as written.
  std::string folded;                // The same in its one spelling; a prefix has no slash to fold.
  std::shared_ptr<const RE2> pattern;  // kPattern.
  std::vector<std::string> methods;
  std::vector<ValueCondition> query, fields, cookies;
  std::vector<v1::ClientKind> clients;
  std::optional<Languages> languages;
};

// Where a rule takes values from, beside the path.
struct CapturedValue {
  enum class Of : uint8_t { kQuery, kFields, kCookies };

  Of of;
  size_t condition;         // Of these.
  std::vector<int> groups;  // Those of its regex that have a name.
};

struct Rule : Conditions {
  std::string id;
  std::vector<Conditions> exceptions;  // match.not (see exceptions.h).
  std::optional<v1::Share> share;
  uint32_t share_threshold = 0;  // Of 1000000.
  bool shadow = false;
  bool pass = false;    // It has no intent: it ends the search.
  bool broken = false;  // Something was reported: it is not looked at any further.
  std::string reason;   // pass: why, in one line; may be empty.
  v1::Intent intent;    // Its placeholders are captures.
  // Of the host, the language, the path and values, in this order (see captures.h).
  std::vector<decide::Capture> captures;
  // The domain after the "*" of each host, ".old.example"; empty if none captures labels.
  std::vector<std::string> host_ends;
  std::vector<CapturedValue> captured_values;
  bool moves_all = false;  // See MovesAll.
  bool has_texts = false;  // Some are in the intent's texts (see text_placeholders.h).
};

// Compiles rule `index` of `policy`; reports everything that is wrong with it by itself.
[[nodiscard]] Rule CompileRule(const v1::Policy& policy, int index, HostTable& hosts,
                               RegexCompiler& regexes, message::Faults& faults);

// The first condition that does not hold. `member` is null when every condition holds.
struct Unmet {
  const char* member = nullptr;  // "methods", "fields", …
  std::string_view name = {};    // Of the parameter, field or cookie.
  size_t exception = 0;          // Of "not": which one holds.
};

// The first of the conditions that does not hold: of those that read no field, and of those that
// do, which are added to `looked_at`.
[[nodiscard]] Unmet CheckTarget(const Conditions& conditions, const Subject& subject);
[[nodiscard]] Unmet CheckFields(const Conditions& conditions, const Subject& subject,
                                decide::LookedAt& looked_at);

// Checks all conditions except host and path. Adds to `looked_at`.
[[nodiscard]] Unmet Check(const Rule& rule, const Subject& subject, decide::LookedAt& looked_at);

// The intent with its texts filled in. The core fills in the targets.
[[nodiscard]] v1::Intent Instantiate(const Rule& rule, std::span<const std::string_view> captured);

// Whether the rule only makes URLs canonical, so that it matches only URLs that change.
[[nodiscard]] bool OnlyCanonicalises(const v1::Intent& intent);

// Whether such a rule leaves requests to the next one at some instants (see Window).
[[nodiscard]] bool MaySleep(const v1::Intent& intent);

// Whether the client with that key is in a share of `threshold` millionths (see Share in
// policy.proto).
[[nodiscard]] bool IsInShare(std::string_view rule, std::string_view key, uint32_t threshold);
[[nodiscard]] uint32_t ShareThreshold(const v1::Share& share);

}  // namespace fingerpost::policy::compiled
