// The sentences of a policy's test table: "status is 303", "cache-control contains no-store".
#pragma once

#include <string>
#include <string_view>

#include "core/message/result.h"
#include "fingerpost/v1/answer.pb.h"
#include "fingerpost/v1/decide.pb.h"

namespace fingerpost::policy::check {

// The grammar, for people; one sentence a line.
//   SUBJECT is VALUE | is not VALUE | contains VALUE | does not contain VALUE | starts with VALUE
//   SUBJECT is absent | is present
// SUBJECT: outcome, status, location, target, reason, rule, body, warning, shadow rule, error, or
// the name of a field of the answer.
[[nodiscard]] std::string_view ExpectationGrammar();

// A question's result: an answer or an error.
using Answered = message::Result<v1::DecideResponse, v1::Error>;

class Expectation {
 public:
  // The error says what is wrong with the sentence and what to write instead.
  static message::Result<Expectation> Parse(std::string_view sentence);

  // "" if it holds; otherwise what was found: "status is 307".
  [[nodiscard]] std::string Check(const Answered& answered) const;

 private:
  enum class Relation { kIs, kIsNot, kContains, kContainsNot, kStartsWith, kAbsent, kPresent };
  std::string subject_;
  Relation relation_ = Relation::kIs;
  std::string value_;
};

}  // namespace fingerpost::policy::check
