#include "policy/compiled/allowed_targets.h"

#include <algorithm>

#include "core/decide/intent_targets.h"
#include "core/decide/placeholders.h"
#include "policy/compiled/host_table.h"

namespace fingerpost::policy::compiled {
namespace {

void CheckTarget(const std::string& target, const message::Place& at, const AllowedHosts& allowed,
                 message::Faults& faults) {
  // Only the labels of a "*" can come before the end of the host; else the text before a
  // placeholder has the host. "//host/" has the scheme of the request, which may be https.
  static const http::Url kRequest = *http::ParseUrl("https://request.invalid/");
  std::string text(decide::BeforePlaceholders(target));
  const auto end = decide::HostAfterPlaceholder(target);
  if (end) text.append("x").append(*end);
  const auto url = http::ParseUrl(text, &kRequest);
  if (!url || !http::IsHttp(*url) || http::LacksTwoSlashes(target))
    return;  // That is reported elsewhere.
  if (url->get_host() == kRequest.get_host()) return;
  if (end && faults.Has(at)) return;  // It must not stand there at all.
  if (end && !allowed.AllowsAll(*url)) {
    const std::string domain(*end);
    faults.Error(at, "leads to any host below \"" + domain.substr(1) +
                         "\", which are not allowed; correct it or add \"" + domain +
                         "\" to defaults.allowed_hosts");
  } else if (!end && !allowed.Allows(*url)) {
    faults.Error(at, kHostNotAllowed);
  } else if (!http::IsHttps(*url)) {
    faults.Warning(at,
                   "sends clients to http, where anybody on the way can read and change "
                   "it; use https");
  }
}

}  // namespace

AllowedHosts::AllowedHosts(const v1::Policy& policy)
    : patterns_(policy.defaults().allowed_hosts()) {
  for (const v1::HostDefaults& hosts : policy.hosts()) Add(hosts.defaults().allowed_hosts());
}

void AllowedHosts::AddOwn(const http::HostPatterns& hosts) {
  for (const std::string& host : hosts) *own_.Add() = host.substr(CapturesLabels(host) ? 1 : 0);
  captures_own_ = !hosts.empty() && std::all_of(hosts.begin(), hosts.end(), CapturesLabels);
}

bool AllowedHosts::AllowsAll(const http::Url& url) const {
  const std::string_view host = url.get_hostname();
  const auto allows = [&](const std::string& pattern) {
    const size_t domain = std::min(pattern.find(':'), pattern.size());
    return pattern.starts_with('.') && domain < host.size() && http::HostMatches(url, pattern);
  };
  const auto is_same = [host](const std::string& own) {
    return ParseHostPattern(own) == host.substr(1);
  };
  return std::any_of(patterns_.begin(), patterns_.end(), allows) ||
         (captures_own_ && std::all_of(own_.begin(), own_.end(), is_same)) ||
         (parent_ != nullptr && parent_->AllowsAll(url));
}

void CheckTargetHosts(const v1::Intent& intent, const message::Place& at,
                      const AllowedHosts& allowed, message::Faults& faults) {
  // The client's registered URIs decide where an authorization response may go (RFC 9700 §2.1).
  if (intent.purpose() == v1::PURPOSE_AUTHORIZATION_RESPONSE && !intent.redirect_uris().empty()) {
    return;
  }
  AllowedHosts all(&allowed);
  all.Add(intent.allowed_hosts());
  decide::ForEachTarget(intent, at, [&](const message::Place& place, const std::string& target) {
    CheckTarget(target, place, all, faults);
  });
}

}  // namespace fingerpost::policy::compiled
