#include "policy/compiled/allowed_targets.h"

#include <functional>

#include "core/decide/intent_targets.h"
#include "core/decide/placeholders.h"

namespace fingerpost::policy::compiled {
namespace {

void CheckTarget(const std::string& target, const message::Place& at, const AllowedHosts& allowed,
                 message::Faults& faults) {
  // A placeholder cannot come before the end of the host, so the text before it has the host.
  // "//host/" has the scheme of the request, which may be https.
  static const http::Url kRequest = *http::ParseUrl("https://request.invalid/");
  const auto url = http::ParseUrl(decide::BeforePlaceholders(target), &kRequest);
  if (!url || !http::IsHttp(*url) || http::LacksTwoSlashes(target))
    return;  // That is reported elsewhere.
  if (url->get_host() == kRequest.get_host()) return;
  if (!allowed.Allows(*url)) {
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
