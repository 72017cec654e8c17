#include "core/decide/decide.h"
#include "policy/lint/lint.h"
#include "policy/lint/sample.h"
#include "policy/resolve/named_question.h"

namespace fingerpost::policy::lint {
namespace {

class Answers {
 public:
  Answers(const v1::Policy& policy, const compiled::Snapshot& snapshot,
          document::Reporter& reporter)
      : policy_(policy), snapshot_(snapshot), reporter_(reporter) {}

  void LintRule(int index) {
    const compiled::Rule& rule = snapshot_.rules.rules()[static_cast<size_t>(index)];
    if (rule.broken) return;
    const std::string at = document::ElementPath("rules", index) +
                           (policy_.rules(index).has_intent() ? ".intent" : ".intent_name");
    const std::string sample = SampleUrl(policy_.rules(index).match());
    if (!sample.empty()) {
      LintMethods(rule.methods, IntentFor(snapshot_, rule, sample), sample, at);
      return;
    }
    // The target of a regular expression is not known; what it cannot change is.
    LintMethods(rule.methods, rule.intent, "https://sample.invalid/", at);
  }

  void LintNamed(const std::string& name, const compiled::NamedIntent& named) {
    if (named.broken) return;
    v1::DecideRequest request;
    for (const compiled::NamedIntent::Parameter& parameter : named.parameters) {
      (*request.mutable_parameters())[parameter.name] =
          parameter.type == v1::PARAMETER_TYPE_UUID ? "00000000-0000-4000-8000-000000000000" : "1";
    }
    const resolve::NamedQuestion question(named, request);
    parameters_ = question.request().parameters();
    LintMethods({}, question.intent(), "https://sample.invalid/",
                document::MemberPath("intents", name) + ".intent");
    parameters_.clear();
  }

 private:
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
      if (!why.ends_with('.')) why += '.';
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
    request.set_draw(0);
    // A request without a wish has no parameters.
    request.set_intent_name("sample");
    *request.mutable_parameters() = parameters_;
    v1::Intent always = intent;
    always.clear_window();
    v1::DecideResponse out;
    v1::Error error;
    const decide::Input input{request, always, policy_.defaults(), "sample", "", {}};
    if (!decide::Decide(input, out, error)) return error.message() + '.';
    if (out.outcome() == v1::OUTCOME_REFUSE && out.reason().code() != v1::REASON_CODE_LOOP) {
      return out.reason().message();
    }
    if (method_is_meant && out.reason().code() == v1::REASON_CODE_METHOD_NOT_ALLOWED) {
      return out.reason().message();
    }
    return {};
  }

  const v1::Policy& policy_;
  const compiled::Snapshot& snapshot_;
  document::Reporter& reporter_;
  google::protobuf::Map<std::string, std::string> parameters_;
};

}  // namespace

void CheckAnswers(const v1::Policy& policy, const compiled::Snapshot& snapshot,
                  document::Reporter& reporter) {
  Answers answers(policy, snapshot, reporter);
  for (int i = 0; i < policy.rules_size(); ++i) answers.LintRule(i);
  for (const auto& [name, named] : snapshot.intents) answers.LintNamed(name, named);
}

}  // namespace fingerpost::policy::lint
