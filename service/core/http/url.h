// URLs by ada, the WHATWG URL parser: parsed and serialised once, so that the checked URL is the
// one that is sent. There is no second parser, and URLs are never concatenated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ada.h"

namespace fingerpost::http {

using Url = ada::url_aggregator;

// WHATWG URL Standard §4.4, with `base` for a relative reference. nullopt: not a URL.
[[nodiscard]] std::optional<Url> ParseUrl(std::string_view text, const Url* base = nullptr);
// The same into `url`. False: `text` is not a URL, and `url` is unchanged.
[[nodiscard]] bool ParseUrl(std::string_view text, const Url* base, Url& url);

// "https:host", "http:/path", "https:\\host", "https:///host": an http URL must have exactly "//"
// (RFC 9110 §4.2.2). Without it, some parsers read a path and others a host.
[[nodiscard]] bool LacksTwoSlashes(std::string_view text);

// http or https.
[[nodiscard]] bool IsHttp(const Url& url);
[[nodiscard]] bool IsHttps(const Url& url);

// The port of a connection: the URL's own, or the scheme's default (RFC 9110 §4.2). 0 for other
// schemes.
[[nodiscard]] uint16_t EffectivePort(const Url& url);

// Whether scheme, host and effective port are equal (RFC 9110 §4.3.1).
[[nodiscard]] bool SameOrigin(const Url& a, const Url& b);

// "https://shop.example.com:8443": the origin's serialisation (RFC 6454 §6.2).
[[nodiscard]] std::string OriginOf(const Url& url);

[[nodiscard]] bool HasUserinfo(const Url& url);
// Removes user name and password.
void StripUserinfo(Url& url);

// Whether the host is an IPv4 or IPv6 address, from the URL or its base. ada has already turned
// every spelling into the canonical form.
[[nodiscard]] bool IsIpAddress(const Url& url);

// Removes the fragment, even an empty one: the rest is requested.
[[nodiscard]] std::string_view WithoutFragment(const Url& url);

// Scheme and authority: everything before the path.
[[nodiscard]] std::string_view UpToPath(const Url& url);
// The path and everything after it.
[[nodiscard]] std::string_view FromPathOn(const Url& url);

// Whether `text` has a character that a URI cannot have (RFC 3986 §2).
[[nodiscard]] bool HasNoUri(std::string_view text);

// Percent-encodes, from the path on, the characters that the URL parser leaves but a URI cannot
// have (RFC 3986 §2), so that Location is a URI (RFC 9110 §10.2.2). A lone "%", "[" and "]" stay,
// because servers and their queries depend on them.
void WriteAsUri(Url& url);

// Only host and path, for messages and logs, without userinfo, query and fragment.
[[nodiscard]] std::string Redacted(const Url& url);

}  // namespace fingerpost::http
