// Host patterns: the hosts that a target may or may not name.
#pragma once

#include <string>
#include <string_view>

#include "core/http/url.h"
#include "core/message/faults.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace fingerpost::http {

using HostPatterns = google::protobuf::RepeatedPtrField<std::string>;

// Whether `url`'s host and port are those of the pattern `text`:
//   "shop.example.com"   that host, on its scheme's default port
//   "example.com:8443"   that host on that port
//   ".example.com"       example.com and its subdomains, never evil-example.com or an address
//   ".example.com:8443"  likewise on that port
// Compared after the WHATWG host parser, so case, IDNA and spellings of an address do not matter.
[[nodiscard]] bool HostMatches(const Url& url, std::string_view text);

// Whether any pattern matches.
[[nodiscard]] bool AnyHostMatches(const Url& url, const HostPatterns& patterns);

// Reports each pattern that could never match: a scheme, a path, a wildcard, a host in
// another spelling than the URL parser's ("Example.COM" is accepted).
void CheckHostPatterns(const HostPatterns& patterns, int limit, const message::Place& at,
                       message::Faults& faults);

// The same for a pattern that denies, which must not be evaded: without a port it means every port,
// dots at the end of a name are ignored, and an IPv4 address also matches every IPv6 address that
// carries it.
[[nodiscard]] bool HostDenied(const Url& url, std::string_view text);

// localhost, 127.0.0.0/8 or ::1: data sent there never leaves the device (RFC 6761 §6.3, RFC 8252
// §7.3).
[[nodiscard]] bool IsLoopback(const Url& url);

// Potentially trustworthy (Secure Contexts §3.1): https, or on the device itself.
[[nodiscard]] bool IsTrustworthy(const Url& url);

// A name or literal address that no host on the public Internet has: one label, localhost,
// .internal, .local, private, loopback, link-local and unique-local addresses (RFC 6761, RFC 6762,
// RFC 6890).
[[nodiscard]] bool IsNotPublic(const Url& url);

// Whether anybody may register a name below `domain`, so that it is nobody's own ("com", "co.uk").
// By libpsl's built-in list rather than a file, so that every replica with that library agrees.
[[nodiscard]] bool IsPublicSuffix(std::string_view domain);

// A name below .test, .invalid or .onion, which are not in the domain name system.
[[nodiscard]] bool IsReservedName(const Url& url);

}  // namespace fingerpost::http
