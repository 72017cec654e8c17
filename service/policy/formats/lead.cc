#include "policy/formats/lead.h"

#include <re2/re2.h>

#include <array>
#include <utility>
#include <vector>

#include "policy/formats/cat.h"
#include "policy/formats/pattern.h"
#include "policy/formats/spelling.h"
#include "policy/formats/variables.h"

namespace fingerpost::policy::formats {
namespace {

std::vector<std::string> NamesIn(const Redirect& asks) {
  std::vector<std::string> names;
  if (asks.source != Source::kPattern) return names;
  const RE2 regex(asks.path, RE2::Quiet);
  if (regex.ok()) {
    for (const auto& [name, _] : regex.NamedCapturingGroups()) names.push_back(name);
  }
  return names;
}

// "(.*)" and "$1" are the whole path, as "$uri" is.
void RecogniseWholePath(Redirect& asks, std::string& target) {
  if (asks.source != Source::kPattern) return;
  constexpr std::array kForms = {std::pair("(.*)", "$1"), std::pair("/(.*)", "/$1"),
                                 std::pair("/?(.*)", "/$1"), std::pair(".*", "")};
  for (const auto& [pattern, group] : kForms) {
    if (asks.path != pattern) continue;
    const std::string_view capture = group;
    const size_t at = capture.empty() ? target.size() : target.find(capture);
    const bool other = target.find("$1") != target.npos &&
                       (at == target.npos || target.find("$1", at + capture.size()) != target.npos);
    if (other) return;
    asks.source = Source::kPrefix;
    asks.path = "/";
    if (at < target.size()) target.replace(at, capture.size(), "$uri");
  }
}

// The same URL over https.
bool IsUpgrade(const Redirect& asks, std::string_view target, v1::QueryMode query) {
  if (asks.source != Source::kPrefix || asks.path != "/" || asks.conditions != nullptr)
    return false;
  const auto same = [&](std::string_view host) {
    const std::string origin = Cat("https://", host);
    return target == origin + "$request_uri" || target == origin + "$uri$is_args$args" ||
           (target == origin + "$uri" && query != v1::QUERY_MODE_DROP);
  };
  return same("$host") || same("$http_host") || same("$server_name") ||
         (asks.hosts.size() == 1 && same(asks.hosts[0]));
}

// Gives "{path}" of the target a meaning in the source.
bool WholePath(Redirect& asks, std::string& target) {
  const size_t at = target.find("/{path}");
  const std::string after = target.substr(at + 7);
  if (asks.source == Source::kExact) {
    target = target.substr(0, at) + WithoutPlaceholders(asks.path) + after;
    return true;
  }
  if (asks.source == Source::kPrefix) {
    const bool only_host = IsAbsolute(target) && target.find('/', 8) == at;
    target = target.substr(0, at) + (only_host ? "{rest}" : "/{rest}") + after;
    return true;
  }
  const size_t first = target.find('{', target.find("{0}") < at ? target.find("{0}") + 1 : 0);
  if (first != at + 1 || target.find('{', at + 2) != target.npos) return false;
  const bool ignore_case = asks.path.starts_with("(?i)");
  std::string_view pattern = asks.path;
  if (ignore_case) pattern.remove_prefix(4);
  if (pattern.starts_with('/')) {
    pattern.remove_prefix(1);
  } else if (!pattern.starts_with(".*") || pattern.starts_with(".*/")) {
    return false;
  }
  asks.path = Cat(ignore_case ? "(?i)" : "", "/(?P<path>", pattern, ")");
  return true;
}

// A pattern that is one path is an exact source.
void Simplify(Redirect& redirect) {
  if (redirect.source != Source::kPattern) return;
  std::string_view pattern = redirect.path;
  const bool ignore_case = pattern.starts_with("(?i)");
  if (ignore_case) pattern.remove_prefix(4);
  const bool either = pattern.ends_with("/?") && pattern.size() > 2;
  const auto text = OnlyText(either ? pattern.substr(0, pattern.size() - 2) : pattern);
  if (!text || !text->starts_with('/') || ignore_case) return;
  redirect.source = Source::kExact;
  redirect.path = *text;
  redirect.either_slash = either;
}

}  // namespace

void Leads::Add(const Redirect& asks, std::string target, int code, v1::QueryMode query,
                bool http_only, Place place) {
  Redirect whole = asks;
  whole.http_only = http_only;
  RecogniseWholePath(whole, target);
  if (http_only && IsUpgrade(whole, target, query)) {
    whole.act = Act::kUpgrade;
    return Emit(std::move(whole), "", code, v1::QUERY_MODE_DROP, place);
  }
  const bool names_host = target.find("$host") != target.npos ||
                          target.find("$http_host") != target.npos ||
                          target.find("$server_name") != target.npos;
  if (!names_host || whole.hosts.empty()) return AddForHost(whole, target, "", code, query, place);
  const auto add = [&](const std::string& host) {
    whole.hosts = {host};
    AddForHost(whole, target, host, code, query, place);
  };
  for (const std::string& host : asks.hosts) {
    if (!host.starts_with('.')) {
      add(host);
      continue;
    }
    add(host.substr(1));
    add("*" + host);
  }
}

void Leads::AddForHost(const Redirect& asks, const std::string& target, const std::string& host,
                       int code, v1::QueryMode query, Place place) {
  FilledTarget filled = FillVariables(target, host, NamesIn(asks));
  if (!filled.unknown.empty()) {
    return report_.Skip(place,
                        Cat("its target has ", filled.unknown, ", which the policy does not know"),
                        "write the value, or a rule for each value");
  }
  if (filled.same_scheme && IsAbsolute(filled.text)) {
    report_.Change(place, "leads to https, where the scheme was that of the request",
                   "nothing needs to be done where the target has https");
  }
  Redirect redirect = asks;
  if (filled.whole_path && !WholePath(redirect, filled.text)) {
    return report_.Skip(place, "its target has the whole path beside captures",
                        "write the path with captures");
  }
  Emit(std::move(redirect), std::move(filled.text), code,
       filled.keeps_query ? v1::QUERY_MODE_APPEND : query, place);
}

void Leads::Emit(Redirect redirect, std::string target, int code, v1::QueryMode query,
                 Place place) {
  redirect.place = place;
  redirect.code = code;
  redirect.query = query;
  redirect.target = std::move(target);
  if (redirect.source == Source::kPattern && !KeepFromHost(redirect.path, redirect.target)) {
    return report_.Skip(place, "its target has a capture right behind the host",
                        "capture what follows a \"/\", and write that \"/\" in the target");
  }
  Simplify(redirect);
  redirects_.push_back(std::move(redirect));
}

}  // namespace fingerpost::policy::formats
