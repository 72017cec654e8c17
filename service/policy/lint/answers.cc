#include "core/decide/decide.h"
#include "policy/compiled/places.h"
#include "policy/lint/lint.h"
#include "policy/lint/sample.h"
#include "policy/resolve/named_wish.h"

namespace fingerpost::policy::lint {
namespace {

class Answers {
 public:
  Answers(const v1::Policy& policy, const compiled::Snapshot& snapshot, message::Faults& faults)
      : policy_(policy), snapshot_(snapshot), faults_(faults) {}

  void LintRule(int index) {
    const compiled::Rule& rule = snapshot_.rules.rules()[static_cast<size_t>(index)];
    if (rule.broken || rule.pass) return;
    const message::Place at = compiled::kRulesPlace.Element(
        index, policy_.rules(index).has_intent() ? "intent" : "intent_name");
    const std::string sample = SampleUrl(policy_.rules(index).match());
    if (!sample.empty()) {
      LintMethods(rule.methods, WishFor(IntentFor(snapshot_, rule, sample)), sample, at);
      return;
    }
    // The target of a regular expression is unknown, except for the part that it cannot change. A
    // host with a placeholder is none.
    const std::vector<std::string_view> some(rule.captures.size(), "x");
    LintMethods(rule.methods,
                WishFor(rule.host_ends.empty() ? rule.intent : FilledIntent(rule, some)),
                std::string(kSampleOrigin) + "/", at);
  }

  void LintNamed(const std::string& name, const compiled::NamedIntent& named) {
    if (named.broken) return;
    decide::Parameters parameters;
    for (const compiled::NamedIntent::Parameter& parameter : named.parameters) {
      parameters[parameter.name] =
          parameter.type == v1::PARAMETER_TYPE_UUID ? "00000000-0000-4000-8000-000000000000" : "1";
    }
    decide::Wish wish = WishFor({});
    resolve::FillIn(named, parameters, wish);
    const message::Place at = compiled::kIntentsPlace.Key(name);
    LintMethods({}, std::move(wish), std::string(kSampleOrigin) + "/", at["intent"]);
  }

 private:
  // Like a caller's wish, so that a target that is too long is a fault.
  [[nodiscard]] decide::Wish WishFor(v1::Intent intent) const {
    static const decide::Parameters kNone;
    decide::Wish wish(policy_.defaults(), {});
    wish.intent.Own(std::move(intent));
    wish.parameters.Borrow(kNone);
    return wish;
  }

  // Asks the core for the answer to each method of the rule.
  void LintMethods(const std::vector<std::string>& methods, decide::Wish wish,
                   const std::string& sample, const message::Place& at) {
    wish.rule = "sample";
    // Windows are checked elsewhere.
    wish.intent.Own(*wish.intent).clear_window();
    const bool all = methods.empty();
    const std::vector<std::string> asked = all ? std::vector<std::string>{"GET", "POST"} : methods;
    std::vector<std::string> refused;
    std::string why;
    for (const std::string& method : asked) {
      std::string reason = Refusal(method, wish, sample, !all);
      if (reason.empty()) continue;
      refused.push_back(method);
      if (why.empty()) why = std::move(reason);
    }
    if (refused.empty()) return;
    if (refused.size() == asked.size() || !all) {
      faults_.Error(at, "is refused for " + refused.front() + ": " + why);
    } else {
      if (!why.ends_with('.')) why += '.';
      faults_.Warning(at, "is refused for " + refused.front() + ": " + why +
                              " Name the methods that it is for in match.methods.");
    }
  }

  // Why the core refuses the wish; "" if it does not.
  [[nodiscard]] static std::string Refusal(const std::string& method, const decide::Wish& wish,
                                           const std::string& sample, bool method_is_meant) {
    v1::DecideRequest asked;
    asked.mutable_request()->set_method(method);
    asked.mutable_request()->set_url(sample);
    // Any instant, the same for every replica.
    asked.mutable_now()->set_seconds(0);
    asked.set_draw(0);
    v1::DecideResponse out;
    message::Faults faults;
    const http::Request request = http::ReadRequest(asked.request(), {}, faults);
    const auto done = decide::Decide(asked, request, wish, faults, out);
    if (!done) return done.error().message() + '.';
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
  message::Faults& faults_;
};

}  // namespace

void CheckAnswers(const v1::Policy& policy, const compiled::Snapshot& snapshot,
                  message::Faults& faults) {
  Answers answers(policy, snapshot, faults);
  for (int i = 0; i < policy.rules_size(); ++i) answers.LintRule(i);
  for (const auto& [name, named] : snapshot.intents) answers.LintNamed(name, named);
}

}  // namespace fingerpost::policy::lint
