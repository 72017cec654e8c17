// Decide: what status code and fields to send.
//
// A pure function: no I/O, no clock, no hidden state. The same input always gives the same answer,
// on every replica. Thread-safe: it only reads its input.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/decide/placeholders.h"
#include "fingerpost/v1/answer.pb.h"
#include "fingerpost/v1/decide.pb.h"
#include "fingerpost/v1/policy.pb.h"

namespace fingerpost::decide {

// One question with everything that the answer depends on.
struct Input {
  // method, url, protocol, fields, parameters, now, explain. Its wish has been resolved into
  // `intent`.
  const v1::DecideRequest& request;
  // The request's own intent, or the policy's.
  const v1::Intent& intent;
  // What holds where the intent says nothing.
  const v1::Defaults& defaults;
  // Id of the policy's rule, map entry or named intent; empty for an intent that the request spells
  // out. Also the salt of weights.
  std::string_view rule;
  std::string_view policy_version;
  // Request fields whose value the policy's match depended on, for Vary.
  std::span<const std::string> looked_at_fields = {};
  // Keys whose cookies the answer sets, because the policy's match drew them. Their names differ.
  std::span<const v1::StickyKey* const> assigned = {};
  // What the match captured, for the placeholders of a rule's targets. The parameters of a request
  // that names its wish fill in that wish's.
  Values captures = {};
};

// Answers `in`. False: the request is malformed, `error` names every wrong field, `out` is
// unspecified. An unsafe wish is an answer (REFUSE), not an error.
[[nodiscard]] bool Decide(const Input& in, v1::DecideResponse& out, v1::Error& error);

// Whether the intent's target is the request's own URL, so that a rule that only makes URLs
// canonical has nothing to do. False for a question that Decide refuses or takes for malformed.
[[nodiscard]] bool LeadsToItself(const Input& in);

}  // namespace fingerpost::decide
