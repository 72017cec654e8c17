#include "policy/formats/export_nginx_condition.h"

#include <algorithm>

#include "core/http/fields.h"
#include "policy/compiled/path.h"
#include "policy/formats/cat.h"
#include "policy/formats/spelling.h"

namespace fingerpost::policy::formats {
namespace {

// "X-Beta" -> "x_beta". "": nginx has no variable of that name.
std::string VariableName(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool word = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (!word && c != '-') return {};
    out += c == '-' ? '_' : upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

// "": it cannot be said.
std::string Test(const v1::ValueMatch& value, const std::string& variable) {
  switch (value.test_case()) {
    case v1::ValueMatch::kEquals:
      if (value.equals().find('$') != std::string::npos)
        return Cat(variable, " ~ ", NginxQuoted(Cat("^", Quoted(value.equals()), "$")));
      return Cat(variable, " = ", NginxQuoted(value.equals()));
    case v1::ValueMatch::kPrefix:
      return Cat(variable, " ~ ", NginxQuoted("^" + Quoted(value.prefix())));
    case v1::ValueMatch::kRegex:
      return Cat(variable, " ~ ", NginxQuoted(Cat("^(?:", value.regex(), ")$")));
    case v1::ValueMatch::kPresent:
      return Cat(variable, value.present() ? " != \"\"" : " = \"\"");
    case v1::ValueMatch::TEST_NOT_SET:
      break;
  }
  return variable + " != \"\"";
}

bool IsPlain(const v1::ValueMatch& value) {
  const std::string& text = value.has_equals() ? value.equals() : value.prefix();
  return !value.has_regex() && text.find_first_of(" %+&=#\"") == text.npos;
}

}  // namespace

std::string NginxQuoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) Append(out, c == '"' || c == '\\' ? "\\" : "", std::string(1, c));
  return out + "\"";
}

std::string NginxCondition::Compared(std::string_view before) const {
  const bool exact = how == "=";
  return Cat(how, " ", NginxQuoted(exact ? Cat(before, value) : Cat("^", before, value, "$")));
}

NginxCondition PathCondition(const Outgoing& one) {
  if (one.source == Source::kPattern) {
    return {"$fingerpost_path", one.ignore_case ? "~*" : "~", WholePattern(one),
            one.groups->size() - 1};
  }
  std::string path = compiled::PathText(one.path);
  const bool decoded = compiled::ParsePath(path) == one.path;
  if (!decoded) path = one.path;
  NginxCondition out;
  out.variable = decoded ? "$uri" : "$fingerpost_path";
  out.how = one.ignore_case ? "~*" : "~";
  if (one.source == Source::kPrefix) {
    const bool rest = one.target.find("{rest}") != std::string::npos;
    const std::string prefix = one.path == "/" ? "" : Quoted(path);
    out.value = Cat(prefix, one.path == "/" ? "/.*" : "(?:/.*)?");
    if (!rest || (one.path == "/" && one.conditions == nullptr &&
                  one.target.find("/{rest}") == std::string::npos))
      return out;
    // The "/" of the rest merges with one before it.
    out.variable = "$fingerpost_path";
    out.groups = 1;
    const bool slash = one.target.find("/{rest}") != std::string::npos;
    const std::string own = one.path == "/" ? "" : Quoted(one.path);
    out.value = slash ? Cat(own, one.path == "/" ? "/(.*)" : "(?:/(.*))?")
                      : Cat(own, one.path == "/" ? "(/.*)" : "(/.*)?");
    return out;
  }
  if (one.ignore_case || one.either_slash || path.find('$') != path.npos) {
    if (one.either_slash && path.size() > 1 && path.ends_with('/')) path.pop_back();
    out.value = Cat(Quoted(path), one.either_slash && path.size() > 1 ? "/?" : "");
    return out;
  }
  out.how = "=";
  out.value = path;
  return out;
}

bool NginxConditions(const Outgoing& one, std::vector<std::string>& out, Told& told) {
  if (one.conditions == nullptr) return true;
  const v1::Match& match = *one.conditions;
  if (match.methods_size() > 0) {
    std::string methods;
    for (const std::string& method : match.methods()) {
      Append(methods, methods.empty() ? "" : "|", Quoted(method), method == "GET" ? "|HEAD" : "");
    }
    out.push_back(Cat("$request_method ~ ", NginxQuoted(Cat("^(?:", methods, ")$"))));
  }
  for (const v1::ValueMatch& value : match.query()) {
    const std::string name =
        value.name().find('-') == std::string::npos ? VariableName(value.name()) : "";
    if (name.empty() || !IsPlain(value)) {
      return told.Skip(one, "has a condition on the query that is no plain name=value",
                       "keep asking the service there");
    }
    told.Change(one, "nginx compares a parameter as it came, and its name without case",
                "nothing needs to be done where clients write it in one way");
    out.push_back(Test(value, "$arg_" + name));
  }
  for (const auto& [kind, values] :
       {std::pair("$http_", &match.fields()), std::pair("$cookie_", &match.cookies())}) {
    for (const v1::ValueMatch& value : *values) {
      const std::string name = VariableName(value.name());
      if (name.empty())
        return told.Skip(one, "has a condition on a name that no variable of nginx has",
                         "keep asking the service there");
      out.push_back(Test(value, kind + name));
    }
  }
  return true;
}

}  // namespace fingerpost::policy::formats
