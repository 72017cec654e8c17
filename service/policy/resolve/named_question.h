// A question that names an intent of the policy.
#pragma once

#include <optional>

#include "core/message/violations.h"
#include "fingerpost/v1/decide.pb.h"
#include "policy/compiled/named_intent.h"

namespace fingerpost::policy::resolve {

// Adds a violation for each parameter of `request` that is missing, of the wrong type or unknown.
void CheckDeclaredParameters(const compiled::NamedIntent& intent, const v1::DecideRequest& request,
                             message::Violations& violations);

// What the core answers: the intent with its texts filled in, and the request with the values of
// the targets' placeholders, defaults among them. Refers to `intent` and `request` where nothing
// had to change.
class NamedQuestion {
 public:
  // `request` is as CheckDeclaredParameters wants it.
  NamedQuestion(const compiled::NamedIntent& intent, const v1::DecideRequest& request);

  [[nodiscard]] const v1::Intent& intent() const { return own_intent_ ? *own_intent_ : intent_; }
  [[nodiscard]] const v1::DecideRequest& request() const {
    return own_request_ ? *own_request_ : request_;
  }

 private:
  const v1::Intent& intent_;
  const v1::DecideRequest& request_;
  std::optional<v1::Intent> own_intent_;
  std::optional<v1::DecideRequest> own_request_;
};

}  // namespace fingerpost::policy::resolve
