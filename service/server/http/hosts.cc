#include "server/http/hosts.h"

#include <absl/strings/ascii.h>

#include <algorithm>

#include "core/http/addresses.h"

namespace fingerpost {
namespace {

// RFC 6761 §6.3, and the names of Kubernetes' services: nobody can register them in the public DNS.
constexpr std::string_view kPrivate[] = {"*.localhost", "*.svc", "*.cluster.local"};

// In lower case, without port and final dot.
std::string NameOf(std::string_view host) {
  const size_t bracket = host.rfind(']');
  const size_t colon = host.rfind(':');
  if (colon != host.npos && (bracket == host.npos || colon > bracket)) host = host.substr(0, colon);
  host = http::WithoutFinalDots(host);
  return absl::AsciiStrToLower(absl::string_view(host.data(), host.size()));
}

bool IsLiteral(std::string_view name) {
  return name.starts_with('[') == name.ends_with(']') && http::ReadAddress(name).has_value();
}

bool Matches(std::string_view name, std::string_view pattern) {
  if (!pattern.starts_with("*.")) return name == pattern;
  pattern.remove_prefix(1);
  return name.size() > pattern.size() && name.ends_with(pattern);
}

}  // namespace

HttpHosts::HttpHosts(std::string_view listen, const std::vector<std::string>& more)
    : names_(std::begin(kPrivate), std::end(kPrivate)) {
  names_.push_back(NameOf(listen));
  for (const std::string& name : more) names_.push_back(NameOf(name));
}

bool HttpHosts::Serves(std::string_view host) const {
  const std::string name = NameOf(host);
  return name.find('.') == name.npos || IsLiteral(name) ||
         std::any_of(names_.begin(), names_.end(),
                     [&name](const std::string& pattern) { return Matches(name, pattern); });
}

}  // namespace fingerpost
