#include <algorithm>
#include <array>

#include "core/decide.h"
#include "core/fields.h"
#include "core/url.h"
#include "policy/lint.h"
#include "policy/path.h"

namespace fingerpost {
namespace {

// A host that no policy names (RFC 6761 §6.4), for rules that hold for every host.
constexpr std::string_view kSampleHost = "sample.invalid";

// A URL that the rule matches; empty for a regular expression, of which we know none.
std::string SampleUrl(const v1::Match& match) {
  std::string host(match.hosts().empty() ? kSampleHost : std::string_view(match.hosts(0)));
  if (host.starts_with('.')) host = "x" + host;
  std::string path = "/x";
  switch (match.path_pattern_case()) {
    case v1::Match::kPath:
      path = match.path();
      break;
    case v1::Match::kPathPrefix:
      path = match.path_prefix() + (match.path_prefix().ends_with('/') ? "x" : "/x");
      break;
    case v1::Match::kPathGlob:
      path.clear();
      for (const char c : match.path_glob()) {
        if (c != '*') {
          path += c;
        } else if (!path.ends_with('x')) {
          path += 'x';
        }
      }
      break;
    case v1::Match::kPathRegex:
      return {};
    case v1::Match::PATH_PATTERN_NOT_SET:
      break;
  }
  return "https://" + host + path;
}

// The client comes back with what it has: the same method, and no cookie that it had not before.
bool RepeatsTheRequest(v1::Purpose purpose) {
  constexpr std::array kPurposes = {v1::PURPOSE_TEMPORARY_MOVE, v1::PURPOSE_PERMANENT_MOVE,
                                    v1::PURPOSE_CANONICAL_URL,  v1::PURPOSE_CAMPAIGN,
                                    v1::PURPOSE_REROUTE,        v1::PURPOSE_DESCRIBES};
  return std::find(kPurposes.begin(), kPurposes.end(), purpose) != kPurposes.end();
}

bool DependsOnTheRequest(const Rule& rule) {
  return !rule.query.empty() || !rule.fields.empty() || !rule.cookies.empty() ||
         !rule.clients.empty() || rule.share.has_value();
}

class Answers {
 public:
  Answers(const v1::Policy& policy, const Snapshot& snapshot, Reporter& reporter)
      : policy_(policy), snapshot_(snapshot), reporter_(reporter) {}

  void LintRule(int index) {
    const Rule& rule = snapshot_.rules.rules()[static_cast<size_t>(index)];
    if (rule.broken) return;
    const std::string at = ElementPath("rules", index) +
                           (policy_.rules(index).has_intent() ? ".intent" : ".intent_name");
    const std::string sample = SampleUrl(policy_.rules(index).match());
    if (!sample.empty()) {
      const v1::Intent intent = IntentFor(rule, sample);
      LintCircle(rule, intent, sample, at);
      LintMethods(rule.methods, intent, sample, at);
      return;
    }
    // The target of a regular expression is not known; what it cannot change is.
    v1::Intent intent = rule.intent;
    if (!rule.templates.empty()) intent.set_target("/x");
    LintMethods(rule.methods, intent, "https://sample.invalid/", at);
  }

  void LintNamed(const std::string& name, const CompiledIntent& named) {
    if (named.broken) return;
    v1::DecideRequest request;
    for (const CompiledIntent::Parameter& parameter : named.parameters) {
      (*request.mutable_parameters())[parameter.name] =
          parameter.type == v1::PARAMETER_TYPE_UUID ? "00000000-0000-4000-8000-000000000000" : "1";
    }
    const NamedQuestion question(named, request);
    parameters_ = question.request().parameters();
    LintMethods({}, question.intent(), "https://sample.invalid/",
                MemberPath("intents", name) + ".intent");
    parameters_.clear();
  }

 private:
  // The rule's intent for the URL, which its path and host match.
  [[nodiscard]] v1::Intent IntentFor(const Rule& rule, const std::string& text) const {
    v1::Intent intent = rule.intent;
    Visit(text, [&](const Candidate& candidate) {
      if (candidate.rule != &rule) return true;
      intent = Instantiate(rule, candidate.captures);
      return false;
    });
    return intent;
  }

  void Visit(const std::string& text, absl::FunctionRef<bool(const Candidate&)> visit) const {
    const auto url = ParseUrl(text);
    if (!url) return;
    const v1::DecideRequest request;
    snapshot_.rules.Visit(Subject(request, *url, snapshot_.hosts), visit);
  }

  // Where the redirect leads, the rule is the first to match again.
  void LintCircle(const Rule& rule, const v1::Intent& intent, const std::string& sample,
                  const std::string& at) {
    if (!RepeatsTheRequest(intent.purpose()) || intent.target().empty() || rule.shadow ||
        DependsOnTheRequest(rule)) {
      return;
    }
    const auto base = ParseUrl(sample);
    const auto target = base ? ParseUrl(intent.target(), &*base) : std::nullopt;
    if (!target || !IsHttp(*target)) return;
    bool again = false;
    Visit(std::string(target->get_href()), [&](const Candidate& candidate) {
      again = candidate.rule == &rule;
      // A rule that looks at more than the URL may leave the request to the next one.
      return candidate.rule != nullptr && candidate.rule != &rule &&
             (candidate.rule->shadow || !candidate.rule->methods.empty() ||
              DependsOnTheRequest(*candidate.rule) || MaySleep(candidate.rule->intent));
    });
    if (!again) return;
    const bool elsewhere = target->get_hostname() != base->get_hostname();
    reporter_.Error(
        at + ".target",
        elsewhere ? "is matched by the rule again, for it holds on every host: name the hosts "
                    "that moved in match.hosts"
                  : "is matched by the rule again: clients would go in circles; choose a "
                    "target that the rule does not match");
  }

  // What the core says to each method that the rule is for.
  void LintMethods(const std::vector<std::string>& methods, const v1::Intent& intent,
                   const std::string& sample, const std::string& at) {
    const bool all = methods.empty();
    const std::vector<std::string> asked = all ? std::vector<std::string>{"GET", "POST"} : methods;
    std::vector<std::string> refused;
    std::string why;
    for (const std::string& method : asked) {
      std::string reason = Refusal(method, intent, sample, !all);
      if (reason.empty()) continue;
      refused.push_back(method);
      if (why.empty()) why = std::move(reason);
    }
    if (refused.empty()) return;
    if (refused.size() == asked.size() || !all) {
      reporter_.Error(at, "is refused for " + refused.front() + ": " + why);
    } else {
      reporter_.Warning(at, "is refused for " + refused.front() + ": " + why +
                                " Name the methods that it is for in match.methods.");
    }
  }

  // Why the core does not give what the intent asks for; "" when it does.
  [[nodiscard]] std::string Refusal(const std::string& method, const v1::Intent& intent,
                                    const std::string& sample, bool method_is_meant) const {
    v1::DecideRequest request;
    request.mutable_request()->set_method(method);
    request.mutable_request()->set_url(sample);
    // Any instant, the same for every replica; windows are judged elsewhere.
    request.mutable_now()->set_seconds(0);
    *request.mutable_parameters() = parameters_;
    v1::Intent always = intent;
    always.clear_window();
    v1::DecideResponse out;
    v1::Error error;
    const DecideInput input{request, always, policy_.defaults(), "sample", "", {}};
    if (!Decide(input, out, error)) return error.message() + '.';
    if (out.outcome() == v1::OUTCOME_REFUSE && out.reason().code() != v1::REASON_CODE_LOOP) {
      return out.reason().message();
    }
    if (method_is_meant && out.reason().code() == v1::REASON_CODE_METHOD_NOT_ALLOWED) {
      return out.reason().message();
    }
    return {};
  }

  const v1::Policy& policy_;
  const Snapshot& snapshot_;
  Reporter& reporter_;
  google::protobuf::Map<std::string, std::string> parameters_;
};

}  // namespace

void LintAnswers(const v1::Policy& policy, const Snapshot& snapshot, Reporter& reporter) {
  Answers answers(policy, snapshot, reporter);
  for (int i = 0; i < policy.rules_size(); ++i) answers.LintRule(i);
  for (const auto& [name, named] : snapshot.intents) answers.LintNamed(name, named);
}

}  // namespace fingerpost
