// One rule of the policy, compiled: its conditions, and the intent that it answers with.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fingerpost/v1/policy.pb.h"
#include "policy/host_table.h"
#include "policy/reporter.h"
#include "policy/subject.h"
#include "policy/target_template.h"
#include "policy/value_test.h"
#include "re2/re2.h"

namespace fingerpost {

struct Rule {
  enum class Path : uint8_t { kAny, kExact, kPrefix, kPattern };

  std::string id;
  std::vector<HostId> hosts;  // Empty: every host.
  Path path_kind = Path::kAny;
  std::string path;                    // kExact, kPrefix (without a last "/"), and as written.
  std::shared_ptr<const RE2> pattern;  // kPattern.
  std::vector<std::string> methods;
  std::vector<ValueTest> query, fields, cookies;
  std::vector<v1::ClientKind> clients;
  std::optional<v1::Share> share;
  uint32_t share_threshold = 0;  // Of 1000000.
  bool shadow = false;
  bool broken = false;  // Something was reported: it is not looked at any further.
  v1::Intent intent;    // Its targets are templates where `templates` says so.

  // A target of the intent that has captures in it.
  struct Templated {
    enum class Member : uint8_t { kTarget, kWeightedTarget, kAlternative } member;
    int index;
    TargetTemplate target;
  };
  std::vector<Templated> templates;
  // Names of the captures, when the intent's texts have some (see text_fields.h).
  std::vector<std::string> text_captures;
};

// Compiles rule `index` of `policy`; reports everything that is wrong with it by itself.
[[nodiscard]] Rule CompileRule(const v1::Policy& policy, int index, HostTable& hosts,
                               RegexCompiler& regexes, Reporter& reporter);

// The first condition that does not hold. `member` is null when every condition holds.
struct Unmet {
  const char* member = nullptr;  // "methods", "fields", …
  std::string_view name;         // Of the parameter, field or cookie.
};

// What conditions read of the request, and what they drew because it was not there.
struct LookedAt {
  std::vector<std::string> fields;
  std::vector<const v1::StickyKey*> assigned;  // Each cookie once.
};

// Checks all conditions but host and path. Adds to `looked_at`.
[[nodiscard]] Unmet Check(const Rule& rule, const Subject& subject, LookedAt& looked_at);

// The intent with captures filled in.
[[nodiscard]] v1::Intent Instantiate(const Rule& rule, std::span<const std::string_view> captures);

// Whether there are instants at which such a rule leaves requests to the next one (see Window).
[[nodiscard]] bool MaySleep(const v1::Intent& intent);

// Whether the client with that key is in a share of `threshold` millionths (see Share in
// policy.proto).
[[nodiscard]] bool IsInShare(std::string_view rule, std::string_view key, uint32_t threshold);
[[nodiscard]] uint32_t ShareThreshold(const v1::Share& share);

}  // namespace fingerpost
