#include "policy/target_hosts.h"

#include <functional>

namespace fingerpost {
namespace {

void CheckTarget(const std::string& target, const std::string& field, const AllowedHosts& allowed,
                 Reporter& reporter) {
  // A placeholder cannot stand before the end of the host, so what precedes it says the host.
  const auto url = ParseUrl(std::string_view(target).substr(0, target.find('{')));
  if (!url || !IsHttp(*url)) return;  // A relative reference; or the core reports it.
  if (!allowed.Allows(*url)) {
    reporter.Error(field, std::string(kHostNotAllowed));
  } else if (!IsHttps(*url)) {
    reporter.Warning(field,
                     "sends clients to http, where anybody on the way can read and change "
                     "it; use https");
  }
}

}  // namespace

AllowedHosts::AllowedHosts(const v1::Policy& policy)
    : patterns_(policy.defaults().allowed_hosts()) {
  for (const v1::HostDefaults& hosts : policy.hosts()) Add(hosts.defaults().allowed_hosts());
}

void CheckTargets(const v1::Intent& intent, const std::string& at, const AllowedHosts& allowed,
                  Reporter& reporter) {
  // The client's own registered URIs say where an authorization response may go (RFC 9700 §2.1).
  if (intent.purpose() == v1::PURPOSE_AUTHORIZATION_RESPONSE && !intent.redirect_uris().empty()) {
    return;
  }
  AllowedHosts all(&allowed);
  all.Add(intent.allowed_hosts());
  CheckTarget(intent.target(), at + ".target", all, reporter);
  CheckTarget(intent.fallback_target(), at + ".fallback_target", all, reporter);
  for (int i = 0; i < intent.weighted_targets_size(); ++i) {
    CheckTarget(intent.weighted_targets(i).target(),
                ElementPath(at + ".weighted_targets", i) + ".target", all, reporter);
  }
  for (int i = 0; i < intent.alternatives_size(); ++i) {
    CheckTarget(intent.alternatives(i).target(), ElementPath(at + ".alternatives", i) + ".target",
                all, reporter);
  }
}

}  // namespace fingerpost
