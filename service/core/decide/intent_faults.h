// Every fault of a Decide question, each with its path and what was expected.
#pragma once

#include <string_view>

#include "core/message/faults.h"
#include "fingerpost/v1/intent.pb.h"
#include "fingerpost/v1/policy.pb.h"

namespace fingerpost::decide {

// What is wrong with an intent whatever the request is; for requests and for policies as they are
// loaded. `target`: its own, or the one in its place (Wish.target). `at` is where the intent
// stands.
void CheckIntent(const v1::Intent& intent, std::string_view target, const v1::Defaults& defaults,
                 const message::Place& at, message::Faults& faults);

// Whether the purpose has a target, given or implied, for every kind of client.
[[nodiscard]] constexpr bool HasTarget(v1::Purpose purpose) {
  switch (purpose) {
    case v1::PURPOSE_VALIDATION_FAILED:
    case v1::PURPOSE_GONE:
    case v1::PURPOSE_NOT_FOUND:
    case v1::PURPOSE_UNAVAILABLE_FOR_LEGAL_REASONS:
      return false;
    default:
      return true;
  }
}

}  // namespace fingerpost::decide
