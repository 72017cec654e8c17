#include "policy/check/expectation.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/http/fields.h"
#include "core/message/enum_names.h"
#include "core/message/nearest.h"

namespace fingerpost::policy::check {
namespace {

using Values = std::vector<std::string>;

// The parts of an answer with that name; several for warnings and repeated fields.
struct Part {
  std::string_view name;
  void (*read)(const Answered& answered, Values& values);
};

void AddUnlessEmpty(const std::string& value, Values& values) {
  if (!value.empty()) values.push_back(value);
}

constexpr std::array<Part, 10> kParts = {{
    {"outcome",
     [](const Answered& a, Values& v) {
       if (a) v.push_back(message::ShortEnumName(a->outcome()));
     }},
    {"status",
     [](const Answered& a, Values& v) {
       if (a && a->status() != 0) v.push_back(std::to_string(a->status()));
     }},
    {"target",
     [](const Answered& a, Values& v) {
       if (a) AddUnlessEmpty(a->target(), v);
     }},
    {"reason",
     [](const Answered& a, Values& v) {
       if (a) v.push_back(message::ShortEnumName(a->reason().code()));
     }},
    {"rule",
     [](const Answered& a, Values& v) {
       if (a) AddUnlessEmpty(a->rule(), v);
     }},
    {"body",
     [](const Answered& a, Values& v) {
       if (a) AddUnlessEmpty(a->body(), v);
     }},
    {"warning",
     [](const Answered& a, Values& v) {
       if (!a) return;
       for (const auto& warning : a->warnings())
         v.push_back(message::ShortEnumName(warning.code()));
     }},
    {"shadow rule",
     [](const Answered& a, Values& v) {
       if (!a) return;
       for (const auto& rule : a->shadow_rules()) v.push_back(rule);
     }},
    {"error",
     [](const Answered& a, Values& v) {
       if (!a) AddUnlessEmpty(a.error().code(), v);
     }},
    {"message",
     [](const Answered& a, Values& v) {
       if (!a) AddUnlessEmpty(a.error().message(), v);
     }},
}};

// The fields of answers; another field is absent from all answers.
constexpr std::array<std::string_view, 14> kFields = {"location",
                                                      "cache-control",
                                                      "vary",
                                                      "set-cookie",
                                                      "link",
                                                      "allow",
                                                      "retry-after",
                                                      "www-authenticate",
                                                      "content-type",
                                                      "content-length",
                                                      "strict-transport-security",
                                                      "x-content-type-options",
                                                      "content-security-policy",
                                                      "referrer-policy"};

// The subject that was probably meant by an unknown one; "" for a known one, or if none is near.
std::string Meant(std::string_view subject) {
  message::Nearest nearest(subject);
  for (const Part& part : kParts) {
    if (part.name == subject) return {};
    nearest.Offer(part.name);
  }
  for (const std::string_view field : kFields) {
    if (field == subject) return {};
    nearest.Offer(field);
  }
  return nearest.Best();
}

Values Read(const std::string& subject, const Answered& answered) {
  Values values;
  for (const Part& known : kParts) {
    if (known.name == subject) {
      known.read(answered, values);
      return values;
    }
  }
  if (!answered) return values;
  for (const v1::Header& header : answered->headers()) {
    if (http::EqualsIgnoreCase(header.name(), subject)) values.emplace_back(http::ValueOf(header));
  }
  return values;
}

std::string Join(const Values& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : " and ") + value;
  return text;
}

}  // namespace

std::string_view ExpectationGrammar() {
  return "SUBJECT is VALUE            SUBJECT is not VALUE\n"
         "SUBJECT contains VALUE      SUBJECT does not contain VALUE\n"
         "SUBJECT starts with VALUE   SUBJECT is absent   SUBJECT is present\n"
         "SUBJECT is outcome, status, target, reason, rule, body, warning, shadow rule, error,\n"
         "message (of the error), or the name of a field of the answer: location, cache-control.\n";
}

message::Result<Expectation> Expectation::Parse(std::string_view sentence) {
  struct Verb {
    std::string_view text;
    Relation relation;
    bool takes_value;
  };
  // Longer verbs first: "is not" begins with "is".
  static constexpr std::array<Verb, 7> kVerbs = {{
      {" does not contain ", Relation::kContainsNot, true},
      {" starts with ", Relation::kStartsWith, true},
      {" contains ", Relation::kContains, true},
      {" is absent", Relation::kAbsent, false},
      {" is present", Relation::kPresent, false},
      {" is not ", Relation::kIsNot, true},
      {" is ", Relation::kIs, true},
  }};
  for (const Verb& verb : kVerbs) {
    const size_t at = sentence.find(verb.text);
    if (at == sentence.npos || at == 0) continue;
    const std::string_view rest = sentence.substr(at + verb.text.size());
    if (verb.takes_value == rest.empty()) continue;
    Expectation parsed;
    parsed.subject_ = http::ToLowerAscii(http::TrimWhitespace(sentence.substr(0, at)));
    parsed.relation_ = verb.relation;
    parsed.value_ = rest;
    const bool known = std::any_of(kParts.begin(), kParts.end(),
                                   [&](const Part& part) { return part.name == parsed.subject_; });
    if (!known && !http::IsToken(parsed.subject_)) break;
    // "locaton is absent" would always hold.
    if (const std::string meant = Meant(parsed.subject_); !meant.empty()) {
      return message::Unexpected("names nothing that an answer has; did you mean " + meant + "?");
    }
    return parsed;
  }
  return message::Unexpected(
      "is not a sentence about an answer; expected one such as \"status is 303\", \"location is "
      "/new\", \"cache-control contains no-store\" or \"vary is absent\"");
}

std::string Expectation::Check(const Answered& answered) const {
  const Values values = Read(subject_, answered);
  const auto any = [&](auto holds) { return std::any_of(values.begin(), values.end(), holds); };
  const auto equals = [&](const std::string& value) { return value == value_; };
  const auto contains = [&](const std::string& value) { return value.find(value_) != value.npos; };
  bool holds = false;
  switch (relation_) {
    case Relation::kIs:
      holds = any(equals);
      break;
    case Relation::kIsNot:
      holds = !any(equals);
      break;
    case Relation::kContains:
      holds = any(contains);
      break;
    case Relation::kContainsNot:
      holds = !any(contains);
      break;
    case Relation::kStartsWith:
      holds = any([&](const std::string& value) { return value.starts_with(value_); });
      break;
    case Relation::kAbsent:
      holds = values.empty();
      break;
    case Relation::kPresent:
      holds = !values.empty();
      break;
  }
  if (holds) return {};
  if (!answered && subject_ != "error" && subject_ != "message") {
    return "there is no answer: " + answered.error().message();
  }
  return subject_ + (values.empty() ? " is absent" : " is " + Join(values));
}

}  // namespace fingerpost::policy::check
