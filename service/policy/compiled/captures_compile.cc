#include <algorithm>
#include <array>

#include "policy/compiled/rule_builder.h"

namespace fingerpost::policy::compiled {
namespace {

using Of = CapturedValue::Of;
using ValueMatches = google::protobuf::RepeatedPtrField<v1::ValueMatch>;

// The conditions on values of one kind.
struct ValueList {
  std::string_view member;
  Of of;
  const std::vector<ValueCondition>& compiled;
};

std::array<ValueList, 3> ValueLists(const Conditions& conditions) {
  return {{{"query", Of::kQuery, conditions.query},
           {"fields", Of::kFields, conditions.fields},
           {"cookies", Of::kCookies, conditions.cookies}}};
}

bool HasHostCapture(const v1::Match& match) {
  return std::any_of(match.hosts().begin(), match.hosts().end(), CapturesLabels);
}

// The captures of one rule, in their order.
class Lister {
 public:
  explicit Lister(RuleBuilder& b) : b_(b) {}

  void Run() {
    AddHost();
    if (b_.rule.languages)
      Add(std::string(kLanguage), "accept_language", ValueKind::kParameter, {});
    AddPath();
    for (const ValueList& list : ValueLists(b_.rule)) {
      for (size_t i = 0; i < list.compiled.size(); ++i) AddValue(list, i);
    }
  }

 private:
  using ValueKind = decide::ValueKind;

  // `at` is where the name stands.
  void Add(std::string name, std::string from, ValueKind kind, const message::Place& at) {
    const auto first = std::find_if(b_.rule.captures.begin(), b_.rule.captures.end(),
                                    [&](const decide::Capture& it) { return it.name == name; });
    if (first != b_.rule.captures.end()) {
      b_.faults.Error(at, "has a group of the name \"" + name + "\", which " +
                              from_[static_cast<size_t>(first - b_.rule.captures.begin())] +
                              " captures, too; choose another");
    }
    b_.rule.captures.push_back({std::move(name), kind});
    from_.push_back(std::move(from));
  }

  // Where only some hosts have a "*", there is nothing to write in its place for the others.
  void AddHost() {
    const auto& hosts = b_.match.hosts();
    if (!HasHostCapture(b_.match) || !std::all_of(hosts.begin(), hosts.end(), CapturesLabels))
      return;
    for (const std::string& host : hosts) {
      b_.rule.host_ends.push_back(ParseMatchHost(host).value_or("*").substr(1));
    }
    Add("1", "hosts", ValueKind::kHost, {});
  }

  // "1", "2", …, after that of the host, or a group's own name if it has one.
  void AddPath() {
    const message::Place at = b_.InMatch("path_regex");
    if (b_.rule.path_kind == Rule::Path::kPrefix) {
      return Add("rest", "path_prefix", ValueKind::kRest, at);
    }
    if (b_.rule.pattern == nullptr) return;
    const RE2& regex = *b_.rule.pattern;
    const int before = HasHostCapture(b_.match) ? 1 : 0;
    for (int i = 1; i <= regex.NumberOfCapturingGroups(); ++i) {
      const auto named = regex.CapturingGroupNames().find(i);
      const bool has_name = named != regex.CapturingGroupNames().end();
      Add(has_name ? named->second : std::to_string(before + i), "path_regex", ValueKind::kCapture,
          at);
    }
  }

  void AddValue(const ValueList& list, size_t condition) {
    const RE2* regex = list.compiled[condition].regex();
    if (regex == nullptr || regex->CapturingGroupNames().empty()) return;
    const message::Place in = b_.InMatch(list.member);
    CapturedValue captured = {.of = list.of, .condition = condition, .groups = {}};
    for (const auto& [group, name] : regex->CapturingGroupNames()) {
      captured.groups.push_back(group);
      Add(name, std::string(list.member) + "[" + std::to_string(condition) + "]",
          ValueKind::kParameter, in.Element(static_cast<int>(condition), "regex"));
    }
    b_.rule.captured_values.push_back(std::move(captured));
  }

  RuleBuilder& b_;
  std::vector<std::string> from_;  // Of each of the captures.
};

std::string Known(const std::vector<decide::Capture>& captures) {
  std::string list;
  for (const decide::Capture& capture : captures) {
    list += (list.empty() ? "{" : ", {") + capture.name + '}';
  }
  return list;
}

}  // namespace

void CompileCaptures(RuleBuilder& b) { Lister(b).Run(); }

void RefuseNamedGroups(RuleBuilder& b, std::string_view why) {
  const auto refuse = [&](const RE2* regex, const message::Place& at) {
    if (regex == nullptr || regex->CapturingGroupNames().empty()) return;
    b.faults.Error(at, "names the group \"" + regex->CapturingGroupNames().begin()->second +
                           "\", but " + std::string(why) + "; write (?:…)");
  };
  refuse(b.rule.pattern.get(), b.InMatch("path_regex"));
  for (const ValueList& list : ValueLists(b.rule)) {
    const message::Place at = b.InMatch(list.member);
    for (size_t i = 0; i < list.compiled.size(); ++i) {
      refuse(list.compiled[i].regex(), at.Element(static_cast<int>(i), "regex"));
    }
  }
}

bool IsCaptured(const RuleBuilder& b, std::string_view name) {
  return std::any_of(b.rule.captures.begin(), b.rule.captures.end(),
                     [name](const decide::Capture& capture) { return capture.name == name; });
}

std::string NotCaptured(const RuleBuilder& b, std::string_view name) {
  const std::string text = "{" + std::string(name) + "} is not captured by the rule's match; ";
  if (name == kLanguage) return text + "match with accept_language to capture it";
  if (name == "1" && HasHostCapture(b.match)) {
    return text + "some of match.hosts have no \"*\"; write a rule for each of the two kinds";
  }
  if (!b.rule.captures.empty()) return text + "expected one of " + Known(b.rule.captures);
  return text +
         "match with path_prefix, path_glob or path_regex to capture a part of the path, or name a "
         "group (?P<name>…) in a regex of match.query, fields or cookies";
}

}  // namespace fingerpost::policy::compiled
