#include "rpc/callers.h"

#include <grpc/grpc_security_constants.h>

#include <algorithm>
#include <utility>

#include "rpc/error_status.h"

namespace fingerpost {
namespace {

constexpr std::string_view kSpiffe = "spiffe://";

std::vector<std::string> ValuesOf(const grpc::AuthContext& auth, const char* property) {
  std::vector<std::string> values;
  for (const grpc::string_ref& value : auth.FindPropertyValues(property)) {
    values.emplace_back(value.data(), value.size());
  }
  return values;
}

bool HasDotSegment(std::string uri) {
  // RFC 3986 §6.2.2.2: "%2e" is a dot.
  for (size_t at = 0; (at = uri.find("%2", at)) != std::string::npos; ++at) {
    if (at + 2 < uri.size() && (uri[at + 2] | 0x20) == 'e') uri.replace(at, 3, ".");
  }
  uri = uri.substr(0, uri.find_first_of("?#")) + "/";
  return uri.find("/./") != std::string::npos || uri.find("/../") != std::string::npos;
}

bool ConsistsOf(std::string_view text, std::string_view more) {
  return std::all_of(text.begin(), text.end(), [more](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || more.find(c) != more.npos;
  });
}

// SPIFFE-ID §2: a trust domain in lower case, and a path whose segments need no encoding.
bool IsSpiffeId(std::string_view uri) {
  uri.remove_prefix(kSpiffe.size());
  const size_t slash = std::min(uri.find('/'), uri.size());
  const std::string_view domain = uri.substr(0, slash);
  const std::string_view path = uri.substr(slash);
  return !domain.empty() && ConsistsOf(domain, ".-_") &&
         ConsistsOf(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZ.-_/") && !path.ends_with('/') &&
         path.find("//") == path.npos;
}

bool IsSpiffe(std::string_view uri) {
  return uri.size() >= kSpiffe.size() &&
         std::equal(kSpiffe.begin(), kSpiffe.end(), uri.begin(), [](char wanted, char c) {
           return wanted == (c >= 'A' && c <= 'Z' ? c | 0x20 : c);
         });
}

// No control characters: some of them, such as NUL, end a name for some readers.
bool IsGraphic(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c != 0x7f; });
}

bool IsUsable(const std::string& uri) {
  return IsGraphic(uri) && !HasDotSegment(uri) &&
         (!IsSpiffe(uri) || (uri.starts_with(kSpiffe) && IsSpiffeId(uri)));
}

}  // namespace

std::vector<std::string> NamesOf(const AlternativeNames& certificate) {
  std::vector<std::string> names;
  const auto add = [&names](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  const auto& uris = certificate.uris;
  // X509-SVID §2: exactly one URI.
  if (uris.size() == 1 || std::none_of(uris.begin(), uris.end(), IsSpiffe)) {
    for (const std::string& uri : uris) {
      if (IsUsable(uri)) add(uri);
    }
  }
  for (const std::string& name : certificate.others) {
    // A name that looks like a URI is not one: authorities that verify URIs do not verify it.
    if (IsGraphic(name) && name.find_first_of(":/") == std::string::npos) add(name);
  }
  for (const std::string& address : certificate.addresses) add(address);
  return names;
}

std::vector<std::string> CallerNames(const grpc::ServerContext& context) {
  const auto auth = context.auth_context();
  if (auth == nullptr || !auth->IsPeerAuthenticated()) return {};
  AlternativeNames certificate{.uris = ValuesOf(*auth, GRPC_PEER_URI_PROPERTY_NAME),
                               .others = ValuesOf(*auth, GRPC_PEER_DNS_PROPERTY_NAME),
                               .addresses = ValuesOf(*auth, GRPC_PEER_IP_PROPERTY_NAME)};
  for (std::string& mail : ValuesOf(*auth, GRPC_PEER_EMAIL_PROPERTY_NAME)) {
    certificate.others.push_back(std::move(mail));
  }
  return NamesOf(certificate);
}

v1::Error NotAllowed() {
  return MakeError(v1::ERROR_REASON_CALLER_NOT_ALLOWED,
                   "The caller's certificate is not on the list of allowed callers.");
}

AllowedCallers::AllowedCallers(std::vector<std::string> patterns)
    : patterns_(std::move(patterns)) {}

bool AllowedCallers::Allows(const grpc::ServerContext& context) const {
  return patterns_.empty() || AllowsAnyOf(CallerNames(context));
}

bool AllowedCallers::AllowsAnyOf(const std::vector<std::string>& names) const {
  return patterns_.empty() || std::any_of(names.begin(), names.end(),
                                          [this](const auto& name) { return AllowsName(name); });
}

bool AllowedCallers::AllowsName(std::string_view name) const {
  return std::any_of(patterns_.begin(), patterns_.end(), [name](std::string_view pattern) {
    if (pattern.empty() || pattern.back() != '*') return name == pattern;
    pattern.remove_suffix(1);
    return name.substr(0, pattern.size()) == pattern;
  });
}

}  // namespace fingerpost
