#include "core/follow/allowed_targets.h"

#include <algorithm>
#include <string>

#include "core/http/fields.h"
#include "core/http/hosts.h"

namespace fingerpost::follow {
namespace {

constexpr int kMaxHosts = 256;  // A longer list belongs in a policy.
constexpr int kMaxPorts = 64;

bool IsDenied(const http::Url& url, const http::HostPatterns& denied) {
  return std::any_of(denied.begin(), denied.end(),
                     [&url](const std::string& pattern) { return http::HostDenied(url, pattern); });
}

}  // namespace

bool IsAllowedTarget(const http::Url& url, const v1::TargetRules& rules) {
  if (IsDenied(url, rules.denied_hosts())) return false;
  if (rules.deny_private_addresses() && (http::IsNotPublic(url) || http::IsReservedName(url)))
    return false;
  const auto& ports = rules.allowed_ports();
  if (!ports.empty() &&
      std::find(ports.begin(), ports.end(), http::EffectivePort(url)) == ports.end())
    return false;
  return rules.allowed_hosts().empty() || http::AnyHostMatches(url, rules.allowed_hosts());
}

void CheckTargetRules(const v1::TargetRules& rules, const message::Place& at,
                      message::Faults& faults) {
  http::CheckHostPatterns(rules.allowed_hosts(), kMaxHosts, at["allowed_hosts"], faults);
  http::CheckHostPatterns(rules.denied_hosts(), kMaxHosts, at["denied_hosts"], faults);
  const message::Place ports = at["allowed_ports"];
  if (rules.allowed_ports_size() > kMaxPorts) {
    faults.Error(ports, "at most 64, got " + std::to_string(rules.allowed_ports_size()));
    return;
  }
  for (int i = 0; i < rules.allowed_ports_size(); ++i) {
    if (rules.allowed_ports(i) < 1 || rules.allowed_ports(i) > 65535) {
      faults.Error(ports[i], "1 to 65535, got " + std::to_string(rules.allowed_ports(i)));
    }
  }
}

}  // namespace fingerpost::follow
