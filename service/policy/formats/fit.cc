#include "policy/formats/fit.h"

#include <absl/strings/str_replace.h>
#include <re2/re2.h>

#include <algorithm>

#include "core/decide/placeholders.h"
#include "core/http/fields.h"
#include "core/http/hosts.h"
#include "core/http/url.h"
#include "policy/compiled/host_table.h"
#include "policy/compiled/path.h"
#include "policy/formats/cat.h"
#include "policy/formats/spelling.h"

namespace fingerpost::policy::formats {
namespace {

constexpr size_t kMaxPattern = 1024;  // Match.path_regex
constexpr size_t kMaxHosts = 256;     // Match.hosts
constexpr int kMaxConditions = 32;    // Match.query, fields, cookies

// What of the source the target has that it cannot have; "" without.
std::string CaptureFault(const Redirect& redirect, const Hosts& hosts) {
  std::vector<std::string_view> names;
  decide::CollectPlaceholders(redirect.target, names);
  if (names.empty()) return {};
  const bool prefix = redirect.source == Source::kPrefix;
  const RE2 regex(redirect.source == Source::kPattern ? redirect.path : "", RE2::Quiet);
  std::vector<decide::Capture> captures;
  if (!hosts.empty() && std::ranges::all_of(hosts, compiled::CapturesLabels)) {
    captures.push_back({"0", decide::ValueKind::kHost});
  }
  if (prefix) captures.push_back({"rest", decide::ValueKind::kRest});
  const auto& own = regex.CapturingGroupNames();
  for (int i = 1; i <= regex.NumberOfCapturingGroups(); ++i) {
    captures.push_back({own.contains(i) ? own.at(i) : Cat(i), decide::ValueKind::kCapture});
  }
  for (const std::string_view name : names) {
    const auto is = [name](const decide::Capture& one) { return one.name == name; };
    if (name == "0" && std::ranges::none_of(captures, is)) {
      return "its target has a part of the host, which not all of its hosts leave open";
    }
    if (std::none_of(captures.begin(), captures.end(), is)) {
      return Cat("its target has {", name, "}, which its source does not capture");
    }
  }
  return decide::MisplacedPlaceholder(redirect.target, captures).empty()
             ? std::string()
             : "its target has a capture that could choose the host";
}

}  // namespace

bool Fit::Check(Redirect& redirect, bool second) {
  if (!HasFitHosts(redirect) || !HasFitConditions(redirect)) return false;
  if (redirect.source == Source::kPattern)
    return IsFitPattern(redirect) && IsFitTarget(redirect, second);
  const auto path = compiled::ParsePath(redirect.path);
  if (!path) {
    report_.Skip(redirect.place, "its source is no path of a URL",
                 "write a path that begins with \"/\", without query and fragment");
    return false;
  }
  redirect.path = *path;
  if (redirect.source == Source::kPrefix && redirect.path.size() > 1 &&
      redirect.path.ends_with('/')) {
    redirect.path.pop_back();
  }
  if (redirect.ignore_case) Fold(redirect, second);
  return IsFitTarget(redirect, second);
}

void Fit::Fold(Redirect& redirect, bool second) {
  if (redirect.source != Source::kExact || folded_ <= kMaxFolded) return BecomePattern(redirect);
  redirect.ignore_case = false;
  if (second) return;
  report_.Change(redirect.place, "answers its path in this case only",
                 "write the other spellings that are asked for");
}

bool Fit::HasFitHosts(Redirect& redirect) {
  if (redirect.hosts.size() > kMaxHosts) {
    report_.Skip(redirect.place, "has more than 256 hosts", "divide it");
    return false;
  }
  for (std::string& host : redirect.hosts) {
    if (const auto known = compiled::ParseMatchHost(host)) {
      host = *known;
      continue;
    }
    report_.Skip(redirect.place, Cat("\"", host, "\" is not a host"),
                 "write \"www.example.com\", \"*.example.com\" for its subdomains, or "
                 "\".example.com\" for both");
    return false;
  }
  return true;
}

bool Fit::HasFitConditions(const Redirect& redirect) {
  if (redirect.conditions == nullptr) return true;
  const v1::Match& conditions = *redirect.conditions;
  const bool fit = conditions.query_size() <= kMaxConditions &&
                   conditions.fields_size() <= kMaxConditions &&
                   conditions.cookies_size() <= kMaxConditions;
  if (!fit) {
    report_.Skip(redirect.place, "has more than 32 conditions", "divide it");
    return false;
  }
  std::string fault;
  for (const std::string& method : conditions.methods()) {
    if (!http::IsToken(method)) fault = Cat("\"", method, "\" is no method");
  }
  const auto look = [&fault](const auto& values, bool token) {
    for (const v1::ValueMatch& value : values) {
      if (token ? !http::IsToken(value.name()) : value.name().empty()) {
        fault = Cat("\"", value.name(), "\" is no name of what a condition looks at");
      } else if (value.has_regex() && !RE2(value.regex(), RE2::Quiet).ok()) {
        fault = Cat("the pattern of its condition on ", value.name(), " is none of RE2");
      }
    }
  };
  look(conditions.query(), false);
  look(conditions.fields(), true);
  look(conditions.cookies(), true);
  if (fault.empty()) return true;
  report_.Skip(redirect.place, fault, "correct it");
  return false;
}

bool Fit::IsFitPattern(const Redirect& redirect) {
  if (redirect.path.size() > kMaxPattern) {
    report_.Skip(redirect.place, "its pattern is longer than 1024 octets", "divide it");
    return false;
  }
  const RE2 regex(redirect.path, RE2::Quiet);
  if (regex.ok()) return true;
  report_.Skip(redirect.place, Cat("its pattern is none of RE2: ", regex.error()),
               "write it without look-around and back-references");
  return false;
}

bool Fit::IsFitTarget(const Redirect& redirect, bool second) {
  if (redirect.act != Act::kRedirect || IsBare(redirect.code)) return true;
  if (const std::string_view fault = TargetFault(redirect.target); !fault.empty()) {
    if (second) return false;
    report_.Skip(redirect.place, fault, "write a path that begins with \"/\", or a URL");
    return false;
  }
  if (const std::string fault = CaptureFault(redirect, HostsOf(redirect)); !fault.empty()) {
    if (second) return false;
    report_.Skip(redirect.place, fault, "capture it in the source, behind the target's host");
    return false;
  }
  const std::string host = TargetHost(redirect.target);
  if (host.starts_with('.') && http::IsPublicSuffix(host.substr(1))) {
    if (second) return false;
    report_.Skip(redirect.place,
                 Cat("its target may lead to any host below ", host.substr(1),
                     ", where anybody may have one"),
                 "write the hosts that there are");
    return false;
  }
  if (!LeadsToItself(redirect)) return true;
  if (second) return false;
  const bool anywhere = IsAbsolute(redirect.target) && (redirect.hosts.empty() && hosts_.empty());
  if (anywhere && redirect.source == Source::kExact) return true;  // As a row of a map.
  report_.Skip(redirect.place, "its target is matched by it again, for ever",
               anywhere ? "name the hosts that moved with --host" : "remove it");
  return false;
}

bool Fit::LeadsToItself(const Redirect& redirect) const {
  if (redirect.conditions != nullptr) return false;
  std::string target = absl::StrReplaceAll(redirect.target, {{"{0}", "some-page"}});
  if (redirect.source != Source::kExact) {
    static const RE2 rest(R"(/?\{rest\})"), capture(R"(\{\w+\})");
    RE2::GlobalReplace(&target, rest, "/some-page");
    RE2::GlobalReplace(&target, capture, "some-page");
  }
  static const auto base = http::ParseUrl("http://h");
  const auto url = http::ParseUrl(target, &*base);
  if (!url) return false;
  if (IsAbsolute(target) && !HostsCover(HostsOf(redirect), {std::string(url->get_hostname())}))
    return false;
  std::string buffer;
  const std::string path(compiled::NormalPath(url->get_pathname(), buffer));
  if (redirect.source == Source::kExact) return path == redirect.path;
  if (redirect.source == Source::kPrefix) return IsBelow(path, redirect.path);
  return RE2::FullMatch(path, RE2(redirect.path, RE2::Quiet));
}

}  // namespace fingerpost::policy::formats
