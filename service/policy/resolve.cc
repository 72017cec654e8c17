#include "policy/resolve.h"

#include <algorithm>
#include <span>

#include "core/decide.h"
#include "core/fields.h"
#include "core/url.h"
#include "core/violations.h"

namespace fingerpost {
namespace {

// A request may not speak with the policy author's authority.
bool CheckOwnIntent(const v1::Intent& intent, v1::Error& error) {
  Violations violations(error);
  if (intent.trust() == v1::TRUST_POLICY) {
    violations.Add("intent.trust",
                   "only a policy gives TRUST_POLICY; expected TRUST_CALLER when your own code "
                   "chose the target, else TRUST_END_USER");
  }
  return violations.Finish();
}

// The names are few and near one another in a typing error: say which ones there are.
bool UnknownIntent(const Snapshot& snapshot, std::string_view name, v1::Error& error) {
  constexpr size_t kNamed = 8;
  std::vector<std::string_view> names;
  for (const auto& [known, intent] : snapshot.intents) names.push_back(known);
  std::sort(names.begin(), names.end());
  error.set_code("NOT_FOUND");
  error.set_reason(v1::ERROR_REASON_UNKNOWN_INTENT);
  std::string message = "the policy has no intent of that name";
  if (names.empty()) message += "; it has none at all";
  for (size_t i = 0; i < names.size() && i < kNamed; ++i) {
    message += i == 0 ? "; it has " : ", ";
    message += names[i];
  }
  if (names.size() > kNamed) message += ", …";
  error.set_message(message);
  v1::FieldViolation& violation = *error.add_violations();
  violation.set_field("intent_name");
  violation.set_description(name.size() <= 64 ? "unknown: " + std::string(name)
                                              : "unknown, and longer than any name");
  return false;
}

// The request's shape, for an answer that the core does not see.
bool CheckRequest(const v1::DecideRequest& request, v1::Error& error) {
  Violations violations(error);
  const v1::HttpRequest& http = request.request();
  CheckMethod(http.method(), "request.method", violations);
  if (http.url().empty()) {
    violations.Add("request.url",
                   "required without intent and intent_name: the policy's rules are matched "
                   "against it");
  } else if (http.url().size() > kMaxUrl) {
    violations.Add("request.url", "expected at most 65536 octets");
  } else if (const auto url = ParseUrl(http.url()); !url || !IsHttp(*url)) {
    violations.Add("request.url", "expected an absolute http or https URL");
  }
  CheckHeaders(http.headers(), "request.headers", violations);
  return violations.Finish();
}

bool NoMatch(const Snapshot& snapshot, v1::DecideResponse& out) {
  out.set_outcome(v1::OUTCOME_PASS);
  out.mutable_reason()->set_code(v1::REASON_CODE_NO_MATCH);
  out.mutable_reason()->set_message("No rule and no map entry of the policy matches the request.");
  out.set_policy_version(snapshot.version);
  return true;
}

}  // namespace

bool Decide(const Snapshot& snapshot, const v1::DecideRequest& request, v1::DecideResponse& out,
            v1::Error& error) {
  const auto answer = [&](const v1::Intent& intent, std::string_view rule) {
    return Decide(DecideInput{request, intent, snapshot.defaults, rule, snapshot.version, {}}, out,
                  error);
  };
  switch (request.wish_case()) {
    case v1::DecideRequest::kIntent:
      return CheckOwnIntent(request.intent(), error) && answer(request.intent(), {});
    case v1::DecideRequest::kIntentName: {
      const auto found = snapshot.intents.find(std::string_view(request.intent_name()));
      if (found == snapshot.intents.end()) {
        return UnknownIntent(snapshot, request.intent_name(), error);
      }
      return answer(found->second.intent(), found->first);
    }
    case v1::DecideRequest::WISH_NOT_SET:
      return CheckRequest(request, error) && NoMatch(snapshot, out);
  }
  return NoMatch(snapshot, out);
}

}  // namespace fingerpost
