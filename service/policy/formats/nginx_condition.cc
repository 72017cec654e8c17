#include "policy/formats/nginx_condition.h"

#include <algorithm>

#include "policy/formats/cat.h"
#include "policy/formats/host_pattern.h"
#include "policy/formats/pattern.h"
#include "policy/formats/spelling.h"
#include "policy/formats/url_source.h"

namespace fingerpost::policy::formats {
namespace {

// "($a = b)" in its parts.
struct Comparison {
  std::string variable, how, value;
};

Comparison Parts(const Directive& condition) {
  std::vector<std::string> words(condition.words.begin() + 1, condition.words.end());
  if (!words.empty() && words.front().starts_with('(')) words.front().erase(0, 1);
  if (!words.empty() && words.back().ends_with(')')) words.back().pop_back();
  std::erase(words, "");
  Comparison parts;
  if (!words.empty() && words[0].starts_with('$')) parts.variable = words[0].substr(1);
  if (words.size() > 1) parts.how = words[1];
  if (words.size() > 2) parts.value = words[2];
  if (words.size() > 3) parts.variable.clear();
  return parts;
}

// "X_Forwarded_Proto" as a variable has it -> "x-forwarded-proto".
std::string FieldName(std::string_view text) {
  std::string name(text);
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

bool SetTest(const Comparison& parts, v1::ValueMatch& value) {
  if (parts.how.empty() || (parts.how == "!=" && parts.value.empty())) {
    value.set_present(true);
  } else if (parts.how == "=") {
    value.set_equals(parts.value);
  } else if (parts.how == "~" || parts.how == "~*") {
    value.set_regex((parts.how == "~*" ? "(?i)" : "") + SearchPattern(parts.value));
  } else {
    return false;
  }
  return true;
}

// `raw`: it is compared as it came.
bool AddPath(const Comparison& parts, bool raw, NginxContext& context) {
  if (!context.location.empty() || context.asks.source != Source::kPrefix) return false;
  if (parts.how == "=") {
    context.asks.source = Source::kExact;
    context.asks.path = raw ? parts.value : Encoded(parts.value);
    return true;
  }
  if (parts.how != "~" && parts.how != "~*") return false;
  context.asks.source = Source::kPattern;
  context.asks.path = (parts.how == "~*" ? "(?i)" : "") +
                      (raw ? SearchPattern(parts.value) : SearchDecoded(parts.value));
  return true;
}

// A query of one parameter: "id=26", "^id=26$".
bool AddQuery(const Comparison& parts, v1::Match& conditions) {
  std::string query = parts.value;
  if (parts.how == "~") {
    if (!query.starts_with('^') || !query.ends_with('$')) return false;
    const auto text = OnlyText(query.substr(1, query.size() - 2));
    if (!text) return false;
    query = *text;
  } else if (parts.how != "=") {
    return false;
  }
  if (const auto added = QueryConditions(query)) conditions.MergeFrom(*added);
  return true;
}

// "$1" is the host's group then, unless the path has one.
bool AddHost(const Comparison& parts, NginxContext& context, Place place, Report& report) {
  if (parts.how == "=") {
    context.asks.hosts = {parts.value};
    return true;
  }
  const auto pattern = ReadHostPattern(parts.value);
  const bool groups = pattern && pattern->groups > 0;
  if ((parts.how != "~" && parts.how != "~*") || !pattern ||
      (groups && context.asks.source == Source::kPattern)) {
    return false;
  }
  TellMoreLabels(*pattern, place, report);
  context.asks.hosts = pattern->hosts;
  context.labels = pattern->labels;
  return true;
}

bool Add(const Comparison& parts, NginxContext& context, v1::Match& conditions, Place place,
         Report& report) {
  const std::string_view name = parts.variable;
  if (name == "host" || name == "http_host" || name == "server_name") {
    return AddHost(parts, context, place, report);
  }
  if (name == "scheme") {
    context.http_only = parts.how == "=" && parts.value == "http";
    return context.http_only;
  }
  if (name == "request_method") {
    if (parts.how == "=") conditions.add_methods(parts.value);
    return parts.how == "=";
  }
  if (!name.empty() && name == context.raw_path) return AddPath(parts, true, context);
  if (name == "uri" || name == "request_uri") return AddPath(parts, false, context);
  if (name == "args" || name == "query_string") return AddQuery(parts, conditions);
  v1::ValueMatch value;
  if (!SetTest(parts, value)) return false;
  if (name.starts_with("arg_")) {
    value.set_name(std::string(name.substr(4)));
    *conditions.add_query() = value;
  } else if (name.starts_with("cookie_")) {
    value.set_name(std::string(name.substr(7)));
    *conditions.add_cookies() = value;
  } else if (name.starts_with("http_")) {
    value.set_name(FieldName(name.substr(5)));
    *conditions.add_fields() = value;
  } else if (value.present()) {
    context.map = name;
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::string AddCondition(const Directive& condition, NginxContext& context, Report& report) {
  auto conditions = std::make_shared<v1::Match>();
  if (context.asks.conditions != nullptr) *conditions = *context.asks.conditions;
  const Comparison parts = Parts(condition);
  if (parts.variable.empty() || !Add(parts, context, *conditions, condition.place, report)) {
    std::string text;
    for (const std::string& word : condition.words) Append(text, text.empty() ? "" : " ", word);
    return text;
  }
  if (conditions->ByteSizeLong() > 0) context.asks.conditions = std::move(conditions);
  return {};
}

}  // namespace fingerpost::policy::formats
