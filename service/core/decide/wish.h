// What to answer to a request: the wish that it spells out, or the one that a policy resolves
// (policy/resolve).
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "core/decide/placeholders.h"
#include "fingerpost/v1/answer.pb.h"
#include "fingerpost/v1/decide.pb.h"
#include "fingerpost/v1/policy.pb.h"

namespace fingerpost::decide {

// A borrowed T, which must outlive this, or an owned one.
template <typename T>
class Lent {
 public:
  void Borrow(const T& theirs) {
    theirs_ = &theirs;
    own_.reset();
  }
  T& Own(T own) { return own_.emplace(std::move(own)); }

  explicit operator bool() const { return own_ || theirs_ != nullptr; }
  const T& operator*() const { return own_ ? *own_ : *theirs_; }
  const T* operator->() const { return &**this; }

 private:
  const T* theirs_ = nullptr;
  std::optional<T> own_;
};

// The parts of the request that rules' conditions read, and the sticky keys that were drawn because
// they were absent.
struct LookedAt {
  std::vector<std::string_view> fields;        // For Vary.
  std::vector<const v1::StickyKey*> assigned;  // The answer sets their cookies; each name once.
};

// Refers to the request and the policy, which must outlive it.
struct Wish {
  Wish(const v1::Defaults& defaults, std::string_view policy_version)
      : defaults(defaults), policy_version(policy_version) {}

  // The defaults where the intent is silent.
  const v1::Defaults& defaults;
  std::string_view policy_version;

  // Empty: nothing matches the request, or a rule with pass ends the search.
  Lent<v1::Intent> intent = {};
  // In place of the intent's target, where many share one intent: a map's row. Empty: the intent's.
  std::string_view target = {};
  // The reason of a rule with pass; may be empty.
  std::optional<std::string_view> pass = {};
  // Id of the policy's rule, map entry or named intent; empty for an intent that the request spells
  // out. Also the salt of weights. If nothing matches, the first matching rule in shadow mode.
  std::string rule = {};

  // Whether a rule or a map entry matched, so that a visitor, not the caller, filled in its
  // targets.
  bool matched = false;
  // The values of the targets' placeholders: the caller's, or the rule's captures.
  Lent<Parameters> parameters = {};
  std::span<const Capture> captures = {};
  absl::InlinedVector<std::string_view, 4> captured = {};  // The values of `captures`.

  // The mode of the request's query if the intent does not say. nullptr: by purpose.
  const v1::QueryWish* query = nullptr;
  // Parameters of the request's query that the match took: they do not pass. As a query.
  std::string taken_query = {};

  // Whether the window of the intent is closed and no other rule matches: PASS.
  bool asleep = false;
  // When another rule takes over; no answer is fresh for longer.
  std::optional<google::protobuf::Timestamp> until = {};
  LookedAt looked_at = {};
  // Ids of the matching rules in shadow mode, and the steps of the match, for `explain`.
  std::vector<std::string_view> shadow_rules = {};
  std::vector<v1::TraceStep> trace = {};

  [[nodiscard]] Values values() const {
    return parameters ? Values(*parameters) : Values(captures, captured);
  }
};

// Gives `wish` the intent that `asked` spells out, with its parameters.
inline void SpellOut(const v1::DecideRequest& asked, Wish& wish) {
  wish.intent.Borrow(asked.intent());
  wish.parameters.Borrow(asked.parameters());
}

}  // namespace fingerpost::decide
