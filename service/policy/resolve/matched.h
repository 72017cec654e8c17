// What of the policy took part in an answer, for whoever counts.
#pragma once

#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "fingerpost/v1/answer.pb.h"
#include "policy/compiled/named_intent.h"

namespace fingerpost::policy::resolve {

// Places and pointers are those of the snapshot.
struct Matched {
  enum class By : uint8_t {
    kRequest,  // The request spells out its intent.
    kIntent,
    kRule,
    kRow,
    kHttps,      // Defaults.require_https.
    kCanonical,  // Defaults.canonical.
    kShadow,     // Only rules in shadow mode match.
    kNothing,
  };
  // A rule in shadow mode that matches, and what it would have answered.
  struct InShadow {
    uint32_t rule;        // In RuleIndex::rules().
    v1::Outcome outcome;  // UNSPECIFIED: an error.
    int status;           // As DecideResponse.status.
  };

  By by = By::kRequest;
  uint8_t map = 0;                                // kRow: in Snapshot::maps.
  uint32_t place = 0;                             // kRule: in RuleIndex::rules(); kRow: the line.
  const compiled::NamedIntent* intent = nullptr;  // kIntent.
  absl::InlinedVector<InShadow, 2> in_shadow;     // In the order of DecideResponse.shadow_rules.
};

}  // namespace fingerpost::policy::resolve
