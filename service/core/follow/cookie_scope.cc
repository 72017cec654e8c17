#include "core/follow/cookie_scope.h"

#include <algorithm>
#include <string>

#include "core/follow/old_cookies.h"
#include "core/http/domain_match.h"
#include "core/http/fields.h"
#include "core/http/hosts.h"

namespace fingerpost::follow {
namespace {

std::string_view DefaultPathOf(const http::Url& url, DefaultPath rule) {
  const std::string_view path = url.get_pathname();
  const size_t last = path.rfind('/');
  if (rule == DefaultPath::kWhole) return path;
  if (last == 0 || last == std::string_view::npos) return "/";
  return path.substr(0, rule == DefaultPath::kDirectoryWithSlash ? last + 1 : last);
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<uint8_t>(c) < 0x80; });
}

// A Domain without the dot at its beginning; empty: for the host alone.
message::Result<std::string, std::string_view> ReadDomain(std::string_view written,
                                                          std::string_view host,
                                                          const JarRule& rule) {
  std::string domain =
      rule.domain_case_matters ? std::string(written) : http::ToLowerAscii(written);
  if (domain.find_first_of(rule.ignored_in_domain) != std::string::npos) return std::string();
  if (rule.domain_dots == DomainDots::kOddMeanNone && domain.starts_with(".."))
    return std::string();
  if (rule.domain_may_have_port) {
    const size_t colon = domain.rfind(':');
    if (colon != std::string::npos && colon != 0 && colon + 1 < domain.size() &&
        domain.find_first_not_of("0123456789", colon + 1) == std::string::npos)
      domain.erase(colon);
  }
  if (rule.domain_dots == DomainDots::kOneAtEachEnd) {
    if (domain.starts_with("..")) return std::string(host);
    if (domain.ends_with('.')) domain.pop_back();
  }
  if (rule.domain_dots == DomainDots::kFirstRefused && domain.starts_with('.'))
    return message::Unexpected("Domain begins with a dot");
  const bool last_means_host = rule.domain_dots == DomainDots::kLastMeansHost;
  if (last_means_host && domain.ends_with('.')) return std::string(host);
  const bool all = rule.domain_dots == DomainDots::kAll;
  const bool all_first = all || last_means_host || rule.domain_dots == DomainDots::kAllFirst;
  do {
    if (domain.starts_with('.')) domain.erase(0, 1);
  } while (all_first && domain.starts_with('.'));
  while (all && domain.ends_with('.')) domain.pop_back();
  const bool last_means_none = rule.domain_dots == DomainDots::kLastMeansNone ||
                               rule.domain_dots == DomainDots::kOddMeanNone ||
                               rule.domain_dots == DomainDots::kFirstRefused;
  if (last_means_none && domain.ends_with('.')) return std::string();
  const bool refuses_both = rule.empty_domain == EmptyDomain::kRefused ||
                            rule.empty_domain == EmptyDomain::kWrittenRefused;
  const bool refuses_this = rule.empty_domain == (written.empty() ? EmptyDomain::kEmptyRefused
                                                                  : EmptyDomain::kDotRefused);
  if (domain.empty() && (refuses_both || refuses_this))
    return message::Unexpected("Domain is empty");
  if (!IsAscii(domain)) return message::Unexpected("Domain is not ASCII");
  return domain;
}

bool EndsWithDomain(const http::Url& url, const v1::Cookie& cookie, SuffixHosts rule) {
  return rule != SuffixHosts::kNever && cookie.domain().find('.') != std::string::npos &&
         (cookie.host_only() || rule == SuffixHosts::kAlways) &&
         url.get_hostname().ends_with(cookie.domain());
}

}  // namespace

Allowed ApplyDomain(const SetCookie& set, const http::Url& url, const JarRule& rule,
                    v1::Cookie& cookie) {
  const std::string_view host = url.get_hostname();
  const bool is_address = http::IsIpAddress(url);
  std::string domain;
  if (set.domain) {
    const auto read = ReadDomain(*set.domain, host, rule);
    if (!read) return message::Unexpected(read.error());
    domain = *read;
  }
  std::string_view fault;
  if (rule.own_domain_is_none && domain == host) domain.clear();
  if (rule.suffix_has_none && !is_address && http::IsPublicSuffix(host)) {
    fault = "the host is a public suffix";
  } else if (domain.empty()) {
    // Only for the host.
  } else if (!is_address && rule.inner_dot && domain.find('.') == std::string::npos &&
             domain != host) {
    fault = "Domain has one label";
  } else if (!is_address && rule.public_suffixes && http::IsPublicSuffix(domain)) {
    if (domain != host) fault = "Domain is a public suffix";
    domain.clear();
  } else if (rule.parent_needs_dot && domain != host && !set.domain->starts_with('.')) {
    fault = "Domain has no dot at its beginning";
  } else if (!http::DomainMatches(host, domain, is_address)) {
    fault = "Domain is not the host or a parent of it";
  }
  if (rule.checks_every_domain && set.earlier_domain) {
    const auto earlier = ReadDomain(*set.earlier_domain, host, rule);
    if (!earlier || !http::DomainMatches(host, *earlier, is_address))
      fault = "a Domain is another's";
  }
  if (!fault.empty()) return message::Unexpected(fault);
  cookie.set_host_only(domain.empty());
  cookie.mutable_domain()->assign(domain.empty() ? host : std::string_view(domain));
  return {};
}

Allowed ApplyPath(const SetCookie& set, const http::Url& url, const JarRule& rule,
                  v1::Cookie& cookie) {
  const bool absolute = set.path && set.path->starts_with('/');
  const bool relative = set.path && !set.path->empty() && !absolute;
  if (relative && rule.relative_path == RelativePath::kRefused)
    return message::Unexpected("Path is relative");
  const bool is_root = rule.default_path == DefaultPath::kRoot && !set.path;
  std::string_view path = absolute ? *set.path : DefaultPathOf(url, rule.default_path);
  if (is_root || (set.path && set.path->empty() && rule.empty_path_is_root)) path = "/";
  if (!rule.reads_path || (relative && rule.relative_path == RelativePath::kRoot)) path = "/";
  cookie.mutable_path()->assign(path);
  if (rule.path_must_match && !PathMatches(url.get_pathname(), cookie.path(), rule))
    return message::Unexpected("Path is not the request's");
  return {};
}

bool IsForHost(const v1::Cookie& cookie, const http::Url& url, const JarRule& rule) {
  if (!cookie.version().empty() && rule.old_cookies != OldCookies::kAttribute)
    return IsOldForHost(cookie, url.get_hostname(), rule);
  if (cookie.host_only() && !rule.host_only_reaches_subdomains)
    return url.get_hostname() == cookie.domain();
  return EndsWithDomain(url, cookie, rule.suffix_hosts) ||
         http::DomainMatches(url.get_hostname(), cookie.domain(), http::IsIpAddress(url));
}

bool PathMatches(std::string_view path, std::string_view cookie_path, const JarRule& rule) {
  if (rule.path_of_directory) path = path.substr(0, std::max<size_t>(path.rfind('/'), 1));
  if (rule.last_slash_is_optional && cookie_path.size() > 1 && cookie_path.ends_with('/'))
    cookie_path.remove_suffix(1);
  if (!path.starts_with(cookie_path)) return false;
  return rule.path_is_prefix || path.size() == cookie_path.size() || cookie_path.ends_with('/') ||
         path[cookie_path.size()] == '/';
}

}  // namespace fingerpost::follow
