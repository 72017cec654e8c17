#include "policy/formats/outgoing_rule.h"

#include <algorithm>

#include "core/decide/placeholders.h"
#include "core/http/url.h"
#include "policy/compiled/host_table.h"
#include "policy/compiled/path.h"
#include "policy/formats/cat.h"
#include "policy/formats/exporters.h"
#include "policy/formats/spelling.h"

namespace fingerpost::policy::formats {
namespace {

// A glob's "\/" is "/".
std::string WithPlainSlashes(std::string_view pattern) {
  std::string out;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size() && pattern[i + 1] != '/') out += pattern[i++];
    if (pattern[i] != '\\' || i + 1 == pattern.size() || pattern[i + 1] != '/') out += pattern[i];
  }
  return out;
}

}  // namespace

std::string_view Unsayable(const v1::Match& match) {
  if (match.has_share()) return "match.share";
  if (match.has_accept_language()) return "match.accept_language";
  if (match.clients_size() > 0) return "match.clients";
  if (std::any_of(match.hosts().begin(), match.hosts().end(), compiled::CapturesLabels)) {
    return "a \"*\" in match.hosts";
  }
  return match.not__size() > 0 ? "match.not" : "";
}

std::string_view Unsayable(const v1::Intent& intent) {
  if (intent.has_window()) return "a window";
  if (intent.weighted_targets_size() > 0) return "weighted_targets";
  if (intent.has_flash()) return "flash";
  if (intent.response_parameters_size() > 0) return "response_parameters";
  if (intent.has_cors()) return "cors";
  if (intent.links_size() > 0) return "links";
  if (intent.robots_size() > 0) return "robots";
  if (intent.cookies_size() > 0) return "cookies";
  return intent.query().allowed_names_size() > 0 ? "query.allowed_names" : "";
}

void SetPath(const compiled::Rule& rule, Outgoing& out) {
  out.ignore_case = compiled::FoldsCase(rule.folding);
  out.either_slash = compiled::FoldsSlash(rule.folding);
  out.path = rule.path.empty() ? "/" : rule.path;
  switch (rule.path_kind) {
    case compiled::Conditions::Path::kExact:
      out.source = Source::kExact;
      break;
    case compiled::Conditions::Path::kPrefix:
      out.source = Source::kPrefix;
      break;
    case compiled::Conditions::Path::kAny:
      out.source = Source::kPrefix;
      out.groups = std::make_shared<const std::vector<std::string>>();
      break;
    case compiled::Conditions::Path::kPattern: {
      out.source = Source::kPattern;
      out.path = WithPlainSlashes(rule.pattern->pattern());
      std::vector<std::string> groups(static_cast<size_t>(rule.pattern->NumberOfCapturingGroups()) +
                                      1);
      for (const auto& [name, number] : rule.pattern->NamedCapturingGroups()) {
        groups[static_cast<size_t>(number)] = name;
      }
      out.groups = std::make_shared<const std::vector<std::string>>(std::move(groups));
      break;
    }
  }
}

void SetConditions(const v1::Match& match, Outgoing& out) {
  auto conditions = std::make_shared<v1::Match>();
  *conditions->mutable_methods() = match.methods();
  *conditions->mutable_query() = match.query();
  *conditions->mutable_fields() = match.fields();
  *conditions->mutable_cookies() = match.cookies();
  if (conditions->ByteSizeLong() > 0) out.conditions = std::move(conditions);
}

std::string Serialised(const std::string& target, const Outgoing& out) {
  std::vector<std::string_view> names;
  decide::CollectPlaceholders(target, names);
  const bool absolute = IsAbsolute(target);
  if (!names.empty()) return absolute || target.starts_with('/') ? target : "";
  if (absolute) {
    const auto url = http::ParseUrl(target);
    return url ? std::string(url->get_href()) : "";
  }
  if (!target.starts_with('/') && out.source != Source::kExact) return {};
  // A pattern is no path; the target does not depend on it.
  const std::string path = out.source == Source::kPattern ? "/" : out.path;
  const auto base = http::ParseUrl(Cat("https://", kSampleHost, path));
  const auto url = base ? http::ParseUrl(target, &*base) : std::nullopt;
  return url ? Cat(url->get_pathname(), url->get_search(), url->get_hash()) : "";
}

bool LeadsElsewhere(const v1::Intent& intent, const std::vector<std::string>& hosts,
                    const Outgoing& out) {
  const std::string target = intent.target().substr(0, intent.target().find('{'));
  const auto base = http::ParseUrl(Cat("https://", kSampleHost, "/"));
  const auto url = http::ParseUrl(target, &*base);
  if (!url || target.empty()) return false;
  std::string buffer;
  const auto folded = [&](std::string_view path) {
    return compiled::Folded(path, compiled::Folding::kBoth);
  };
  if (out.source == Source::kExact && target == intent.target() &&
      folded(compiled::NormalPath(url->get_pathname(), buffer)) != folded(out.path)) {
    return true;
  }
  const std::string own(url->get_hostname());
  return own != kSampleHost &&
         std::none_of(hosts.begin(), hosts.end(), [&](const std::string& host) {
           return host.empty() || host == own ||
                  (host.starts_with('.') && ("." + own).ends_with(host));
         });
}

std::string UnknownValue(const compiled::Rule& rule, const Outgoing& out) {
  std::string_view rest = rule.intent.target(), text, name;
  while (NextValue(rest, text, name)) {
    if (out.source == Source::kPrefix && out.groups == nullptr && name == "rest") continue;
    if (out.source == Source::kPattern) {
      const std::vector<std::string>& groups = *out.groups;
      const bool number = !name.empty() && name.size() < 3 &&
                          name.find_first_not_of("0123456789") == name.npos &&
                          static_cast<size_t>(std::stoi(std::string(name))) < groups.size();
      if (number || std::find(groups.begin(), groups.end(), name) != groups.end()) continue;
    }
    return std::string(name);
  }
  return {};
}

}  // namespace fingerpost::policy::formats
