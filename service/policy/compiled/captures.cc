#include "policy/compiled/captures.h"

#include <algorithm>
#include <array>

#include "core/http/fields.h"
#include "core/http/percent_encoding.h"
#include "core/message/utf8.h"
#include "policy/compiled/path.h"

namespace fingerpost::policy::compiled {
namespace {

using Of = CapturedValue::Of;

std::string_view MemberOf(const CapturedValue& captured) {
  constexpr std::array<std::string_view, 3> kMembers = {"query", "fields", "cookies"};
  return kMembers[static_cast<size_t>(captured.of)];
}

std::optional<std::string_view> ValueOf(const Subject& subject, Of of, std::string_view name) {
  switch (of) {
    case Of::kQuery:
      return subject.QueryValue(name);
    case Of::kFields:
      return http::FieldValue(subject.request().headers(), name);
    case Of::kCookies:
      return http::CookieValue(subject.request().headers(), name);
  }
  return std::nullopt;
}

// What the "*" of the most specific host stands for.
std::string_view LabelsOf(const Rule& rule, const Subject& subject) {
  std::string_view host = subject.url().get_hostname();
  if (host.ends_with('.')) host.remove_suffix(1);  // As HostTable::Match does.
  for (const HostId id : subject.hosts()) {
    const auto found = std::find(rule.hosts.begin(), rule.hosts.end(), id);
    if (found == rule.hosts.end()) continue;
    const std::string& end = rule.host_ends[static_cast<size_t>(found - rule.hosts.begin())];
    return host.substr(0, host.size() - end.size());
  }
  return {};
}

void AddGroups(const CapturedValue& captured, const RE2& regex, std::string_view value,
               Captured& all) {
  std::array<re2::StringPiece, kMaxCaptures + 1> groups;
  (void)regex.Match({value.data(), value.size()}, 0, value.size(), RE2::ANCHOR_BOTH, groups.data(),
                    regex.NumberOfCapturingGroups() + 1);
  for (const int group : captured.groups) {
    const re2::StringPiece& text = groups[static_cast<size_t>(group)];
    all.emplace_back(text.data(), text.size());
  }
}

Captured Capture(const Rule& rule, std::span<const std::string_view> of_path,
                 const Subject& subject, std::string_view language, std::string_view missing) {
  Captured all;
  if (!rule.host_ends.empty()) all.push_back(LabelsOf(rule, subject));
  if (rule.languages) all.push_back(language);
  all.insert(all.end(), of_path.begin(), of_path.end());
  for (const CapturedValue& captured : rule.captured_values) {
    const ValueCondition& condition = ConditionOf(rule, captured);
    const auto value = ValueOf(subject, captured.of, condition.name());
    if (value) {
      AddGroups(captured, *condition.regex(), *value, all);
    } else {
      all.insert(all.end(), captured.groups.size(), missing);
    }
  }
  return all;
}

}  // namespace

const ValueCondition& ConditionOf(const Rule& rule, const CapturedValue& captured) {
  const auto& all = captured.of == Of::kQuery    ? rule.query
                    : captured.of == Of::kFields ? rule.fields
                                                 : rule.cookies;
  return all[captured.condition];
}

Captured AllCaptured(const Rule& rule, std::span<const std::string_view> of_path,
                     const Subject& subject) {
  const auto language =
      rule.languages ? Preferred(*rule.languages, subject) : std::optional<std::string_view>();
  return Capture(rule, of_path, subject, language.value_or(""), "");
}

Captured SampleCaptured(const Rule& rule, std::span<const std::string_view> of_path,
                        const Subject& subject) {
  constexpr std::string_view kSample = "x";
  return Capture(rule, of_path, subject,
                 rule.languages ? std::string_view(rule.languages->prefers.front()) : "", kSample);
}

std::string CapturedQuery(const Rule& rule, const Subject& subject) {
  std::string query;
  std::vector<std::string_view> names;
  for (const CapturedValue& captured : rule.captured_values) {
    const std::string& name = ConditionOf(rule, captured).name();
    if (captured.of != Of::kQuery || std::find(names.begin(), names.end(), name) != names.end()) {
      continue;
    }
    names.push_back(name);
    if (!query.empty()) query += '&';
    http::AppendEncoded(name, query);
    query += '=';
    http::AppendEncoded(subject.QueryValue(name).value_or(""), query);
  }
  return query;
}

std::string CapturedText(const decide::Values::Value& value) {
  if (value.kind == decide::ValueKind::kCapture || value.kind == decide::ValueKind::kRest) {
    return PathText(value.text);
  }
  std::string text(value.text);
  if (message::IsUtf8(text) && !http::HasControl(text)) return text;
  text.clear();
  http::AppendEncoded(value.text, text);
  return text;
}

std::string CapturedElsewhere(const Rule& rule) {
  std::string text;
  const auto add = [&text](std::string_view name, std::string_view from, std::string_view of) {
    text.append(text.empty() ? "{" : ", {").append(name).append("} from match.").append(from);
    if (!of.empty()) text.append("[").append(of).append("]");
  };
  if (!rule.host_ends.empty()) add(rule.captures.front().name, "hosts", "");
  if (rule.languages) add(kLanguage, "accept_language", "");
  size_t count = 0;
  for (const CapturedValue& captured : rule.captured_values) count += captured.groups.size();
  size_t i = rule.captures.size() - count;
  for (const CapturedValue& captured : rule.captured_values) {
    const ValueCondition& condition = ConditionOf(rule, captured);
    for (size_t group = 0; group < captured.groups.size(); ++group) {
      add(rule.captures[i++].name, MemberOf(captured), condition.name());
    }
  }
  return text;
}

}  // namespace fingerpost::policy::compiled
